"""What the trials share: the packages, computers with them installed, one network."""

from process import Mistake

from machine import Machine, Network
from root import Layer, base


class World:
    """Makes each thing when it is first asked for, and keeps it."""

    def __init__(self, made, folder):
        self.made, self.folder = made, folder
        self._kept, self._machines = {}, []

    def once(self, name, make):
        if name not in self._kept:
            try:
                self._kept[name] = make()
            except Mistake as mistake:
                self._kept[name] = mistake
        if isinstance(self._kept[name], Mistake):
            raise self._kept[name]
        return self._kept[name]

    @property
    def fresh(self):
        return self.once("fresh", lambda: [base()])

    def installed(self, *names):
        """A layer on which the packages of these names were installed, as an admin does."""

        def make():
            layer = Layer("with-" + "-".join(names), self.fresh, self.folder)
            layer.said = layer.install(*(self.made[name] for name in names))
            return layer

        return self.once(" ".join(names), make)

    @property
    def network(self):
        return self.once("network", Network)

    def machine(self, name, below, people=()):
        """A computer over these layers, started."""

        def make():
            number = 10 + len(self._machines)
            one = Machine(name, below, self.folder, self.network, number, people)
            self._machines.append(one)
            return one

        return self.once("machine " + name, make)

    @property
    def anna(self):
        """A computer with a person and both packages."""
        return self.machine("pc-anna", self.installed("zurufd", "zuruf").below, ["anna"])

    @property
    def ben(self):
        return self.machine("pc-ben", self.installed("zurufd", "zuruf").below, ["ben"])

    @property
    def box(self):
        """A computer without a screen."""
        return self.machine("box", self.installed("zurufd").below, ["admin"])

    def show(self):
        """What the nodes and those who start them said last: for somebody who was not there."""
        for machine in self._machines:
            print(f"    {machine.name}")
            for line in machine.journal("--lines=400").splitlines():
                if "zuruf" in line.lower():
                    print(f"      {line[:200]}")

    def close(self):
        for machine in self._machines:
            machine.close()
        if "network" in self._kept:
            self.network.close()


def expect(truth, sentence):
    """Goes on only if the truth is one."""
    if not truth:
        raise Mistake(sentence)
