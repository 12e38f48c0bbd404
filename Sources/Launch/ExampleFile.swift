/// The commented configuration file, for `--print-config`.
///
/// The same text lies beside this file as `zurufd.conf`, where people look for it; a test compares.
enum ExampleFile {
  static let text = """
    # zurufd.conf - settings of a Zuruf node
    #
    # Lines are "key = value"; "#" begins a comment. Every setting may be left out: what is shown
    # behind the "#" is what holds then, or an example. An option of the command line wins.
    # A user's file is ~/.config/zuruf/zurufd.conf, the service's /etc/zuruf/zurufd.conf.
    # Paths begin at the root. A key that is not known here stops the start and is named.

    # Keys and logs of this device. Never run a copy of it: the office would stop both.
    # A user's: $XDG_DATA_HOME/zuruf
    #home = /var/lib/zuruf

    # Where own messages ended, so that a restored backup is noticed: leave it out of backups. If it
    # is lost nothing else is; own messages begin a new series. A user's: $XDG_STATE_HOME/zuruf
    #state = /var/lib/zuruf/state

    # The socket that "zuruf" speaks to. A user's: $XDG_RUNTIME_DIR/zuruf/control
    #socket = /run/zuruf/control

    # Members of this Unix group may speak to the node, beside its own user. As a service: zuruf,
    # where there is such a group; for a user's node: nobody else.
    #socket-group = zuruf

    # The TCP port other nodes reach this one at: this one or none. Left out: 47474, or the next free.
    # Open it in the firewall.
    #port = 47474

    # A node to be reached where mDNS does not go, such as another VLAN: a host name or an address,
    # with a port where it is not 47474. One line each; one side of a border is enough.
    #seed = 10.2.0.17
    #seed = [fd00:2::17]:47475
    #seed = werk2.example.net

    # Whether to find others by mDNS and be found: yes or no. Avahi does the work.
    #discovery = yes

    # An interface to look for others on although it looks virtual. One line each.
    #interface = docker0

    # A file with a ticket. A node that is in no office yet joins with it, then removes it: how a box
    # without screen and keyboard is set up. Looked for at the start. A user's: none
    #ticket-file = /etc/zuruf/ticket

    # The TCP port of the page, on this computer alone, where zuruf-desk runs the node: this one or none.
    # Left out: 47480, or the next free.
    #page-port = 47480
    """ + "\n"
}
