import HTTP

/// What somebody in line is told who asks for nothing else, which is what most requests do: a status, as a field and as
/// JSON, and cookies to keep.
struct WaitingReport {
    /// The HTTP status: 200, since asking succeeded whatever the answer is, unless more was asked.
    var code = 200
    let status: WaitingStatus
    var setCookies: [String] = []

    /// - Parameter text: an empty buffer to put it together in.
    fileprivate func content(through text: OutputBuffer) -> Content {
        text.append("Content-Type: application/json\r\nCache-Control: no-store\r\nWaiting-Room: ")
        status.appendField(to: text)
        text.appendCRLF()
        for cookie in setCookies { text.appendField("Set-Cookie", cookie) }
        let fieldBytes = text.count
        status.appendJSON(to: text)
        return Content(text.readable, fieldBytes: fieldBytes)
    }
}

extension Response {
    /// - Parameter scratch: a buffer that nobody else uses before this is made.
    init(_ report: WaitingReport, through scratch: OutputBuffer) {
        defer { scratch.removeAll(keepingCapacity: true) }
        self.init(
            status: report.code,
            source: .content(report.content(through: scratch))
        )
    }
}
