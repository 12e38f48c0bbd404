"""The one error of the reader: which layer refuses, by which rule, and why."""


class Refusal(Exception):
    """Bytes that a rule of the chapters refuses. `layer` is decode, verify or admit."""

    def __init__(self, layer, rule, why):
        super().__init__(f"{layer} {rule}: {why}")
        self.layer = layer
        self.rule = rule
        self.why = why


def decode_error(rule, why):
    return Refusal("decode", rule, why)


def verify_error(rule, why):
    return Refusal("verify", rule, why)


def admit_error(rule, why):
    return Refusal("admit", rule, why)


def need(condition, rule, why, layer="decode"):
    """Refuses by `rule` unless `condition` holds."""
    if not condition:
        raise Refusal(layer, rule, why)
