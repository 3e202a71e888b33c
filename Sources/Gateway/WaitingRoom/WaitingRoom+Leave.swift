/// `/.wr/leave?page=1`: the same as without, for people, whose browsers show what comes back.
extension WaitingRoom {
    /// Asks whether it is meant: following a link gives nothing up.
    func leavePage(_ request: WaitingRequest) -> WaitingAnswer {
        leavePage(request, isDone: false, setCookies: [])
    }

    /// Leaves, and says so.
    func leaveFromPage(_ request: WaitingRequest, givesUpPlace: Bool) async -> WaitingAnswer {
        let answer = await leave(request, givesUpPlace: givesUpPlace)
        guard answer.status == 204 else { return answer }
        return leavePage(
            request,
            isDone: true,
            setCookies: answer.fields.filter { $0.name == "Set-Cookie" }
        )
    }

    private func leavePage(
        _ request: WaitingRequest,
        isDone: Bool,
        setCookies: [(name: String, value: String)]
    ) -> WaitingAnswer {
        let page = WaitingPage.leave(
            room: settings.name,
            entrance: settings.entrance,
            isDone: isDone,
            in: request.language,
            style: settings.pages.style
        )
        let fields = [
            (name: "Cache-Control", value: "no-store"), (name: "Vary", value: "Accept, Cookie"),
        ]
        return WaitingAnswer(
            status: 200,
            fields: fields + setCookies + pageFields(request),
            body: Array(page.utf8)
        )
    }
}
