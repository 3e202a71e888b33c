/// `t:replaceComments`: each C comment, closed or not, becomes one space.
///
///     SecRule ARGS "@rx union\s+select" "id:1,phase:2,deny,t:replaceComments"
enum ReplaceComments {
    static func apply(_ input: ByteView, _ arena: Arena) -> ByteView? {
        guard let first = input.firstRange(of: "/*") else { return nil }
        var output = arena.writer(capacity: input.count)
        output.append(input.prefix(first))
        var index = first
        while index < input.count {
            guard input.starts(with: "/*", at: index) else {
                output.append(input[index])
                index += 1
                continue
            }
            output.append(0x20)
            index = input.firstRange(of: "*/", from: index + 2).map { $0 + 2 } ?? input.count
        }
        return arena.finish(output)
    }
}

extension ByteView {
    func firstRange(of text: StaticString, from offset: Int = 0) -> Int? {
        firstRange(of: ByteView(text), from: offset)
    }
}
