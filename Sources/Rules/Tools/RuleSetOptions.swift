/// What a rule set keeps besides what it runs with. Tools ask for it; the gateway does not pay for it.
package struct RuleSetOptions: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// The rules as written, for log lines and explanations.
    package static let keepsSource = RuleSetOptions(rawValue: 1)
    /// Every rule runs on every value, so that an observer sees all there is: no quick tests, no gates.
    package static let runsEveryRule = RuleSetOptions(rawValue: 2)
}

extension RuleSet {
    /// The files that a path with wildcards stands for.
    package static func files(matching path: String) -> [String] { RuleFiles.expand(path) }

    /// Loads rule files for a tool.
    ///
    /// - Parameter prefix: rules that come first, as an exclusion must.
    package static func load(_ paths: [String], _ options: RuleSetOptions, prefix: [UInt8] = [])
        throws(RuleSetError) -> RuleSet
    {
        var compiler = Compiler()
        if !prefix.isEmpty { compiler.read(SourceFile(name: "exclusions", bytes: prefix)) }
        compiler.read(paths: paths)
        return try RuleSet(compiler, options)
    }

    /// Loads rules from the bytes of a file called `name`, for a tool.
    package static func load(bytes: [UInt8], name: String, _ options: RuleSetOptions)
        throws(RuleSetError) -> RuleSet
    {
        var compiler = Compiler()
        compiler.read(SourceFile(name: name, bytes: bytes))
        return try RuleSet(compiler, options)
    }
}
