import ArgumentParser

/// `haniel rules`: everything about rule files that needs no running gateway.
struct RuleTools: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Check, test, explain and measure firewall rules.",
        discussion: """
            The commands that begin with eval-, and run, answer JSON lines from standard input, one line each. \
            Strings carry bytes as code points 0 to 255; NAME_b64 may be given instead of NAME.
            """,
        subcommands: [
            CheckRules.self, Format.self, TestRules.self, Explain.self, Suggest.self, Diff.self,
            Replay.self,
            Bench.self, Coverage.self, Doc.self, EvalOperator.self,
            EvalTransformation.self, EvalLibinjection.self,
            Run.self,
        ]
    )
}
