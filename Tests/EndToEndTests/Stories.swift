import Testing

/// The stories over real sockets run one after the other: each has programs of its own to start, and its clock should
/// not depend on how many others are running.
@Suite(.serialized) enum Stories {}
