import Testing

@testable import Gateway

private func status(_ state: WaitingStatus.State, poll: Int64? = 5) -> WaitingStatus {
    let status = WaitingStatus(
        state: state,
        room: "onsale",
        epoch: 3,
        nowMilliseconds: 1_795_358_400_000
    )
    (status.ticket, status.ahead, status.pollSeconds) = (1_234, 1_200, poll)
    status.estimate = WaitEstimator.Estimate(seconds: 95, highSeconds: 140)
    return status
}

@Suite
struct WaitingPageTests {
    @Test func `The field and the object say what the contract shows`() {
        let status = status(.queued)
        #expect(
            status.field == #"state=queued, ticket=1234, ahead=1200, eta=95, poll=5, room="onsale""#
        )
        let json =
            #"{"room":"onsale","state":"queued","ticket":1234,"ahead":1200,"eta":95,"eta_high":140,"poll":5,"#
            + #""epoch":3,"now":1795358400000,"opens_at":null,"ready_until":null,"session_until":null,"#
            + #""reason":null,"message":null}"#
        #expect(String(decoding: status.json, as: UTF8.self) == json)
    }

    @Test func `A message stays as it was written`() {
        let status = status(.full)
        status.message = "Geöffnet \"bald\", 夜"
        let json = String(decoding: status.json, as: UTF8.self)
        #expect(json.hasSuffix(#","message":"Geöffnet \"bald\", 夜"}"#))
    }

    @Test func `There are ten languages, and each says everything`() {
        #expect(Set(WaitingLanguage.all.map(\.code)).count == 10)
        for language in WaitingLanguage.all {
            #expect(WaitingLanguage.Word.allCases.filter { language[$0].isEmpty } == [])
            var problems: [FileProblem] = []
            let back = WaitingLanguage(
                code: language.code,
                text: language.text,
                problems: &problems
            )
            #expect(back == language && problems.isEmpty)
        }
    }

    @Test func `What an operator writes is text, and what is no line is told`() {
        var problems: [FileProblem] = []
        let language = WaitingLanguage(
            code: "en",
            text: "# ours\nqueued_title: <b>Hi</b> & \"you\"\n\nqueue_title: x\nnothing\n",
            fallback: .english,
            problems: &problems
        )
        #expect(problems.map(\.line) == [4, 5])
        let page = WaitingPage.render(status(.queued), in: language)
        #expect(page.contains("<h1 id=\"title\">&lt;b&gt;Hi&lt;/b&gt; &amp; &quot;you&quot;</h1>"))
        #expect(page.contains(WaitingLanguage.english[.queuedText]))
    }

    @Test(
        arguments: [
            (.queued, nil, .queued), (.paused, .operatorPause, .paused),
            (.paused, .notOpenYet, .early),
            (.prequeue, nil, .prequeue), (.full, .soldOut, .soldOut), (.full, .lineFull, .full),
            (.paused, .maintenance, .maintenance), (.admitted, nil, .ready),
        ] as [(WaitingStatus.State, WaitingStatus.Reason?, WaitingLanguage.Scene)]
    )
    func `The page says what is the case`(
        state: WaitingStatus.State,
        reason: WaitingStatus.Reason?,
        scene: WaitingLanguage.Scene
    ) {
        let status = status(state)
        status.reason = reason
        let page = WaitingPage.render(status, in: .english)
        #expect(page.contains("data-scene=\"\(scene.rawValue)\""))
        #expect(page.contains("<h1 id=\"title\">\(WaitingLanguage.english[scene.title])</h1>"))
    }

    @Test(arguments: WaitingLanguage.all)
    func `The page is whole in every language and needs no script`(language: WaitingLanguage) {
        let page = WaitingPage.render(status(.queued), in: language)
        #expect(page.contains("<html lang=\"\(language.code)\">"))
        #expect(page.contains(language[.queuedTitle]))
        #expect(page.contains(#"<noscript><meta http-equiv="refresh" content="5"></noscript>"#))
        #expect(page.contains(#"role="status" aria-live="polite""#))
        #expect(page.contains("1200"))
        #expect(!page.contains("style="))
        #expect(!page.contains("%</dd>"))
    }

    @Test(arguments: WaitingLanguage.all)
    func `The words fit the number of people ahead`(language: WaitingLanguage) {
        func page(_ ahead: Int64, _ reason: WaitingStatus.Reason? = nil) -> String {
            let status = status(.queued)
            status.ahead = ahead
            status.reason = reason
            return WaitingPage.render(status, in: language)
        }
        let next = "<h1 id=\"title\">\(language[.nextTitle])</h1>"
        #expect(page(0).contains(next) && page(0).contains(">\(language[.nextText])</p>"))
        #expect(page(0).contains("<title>\(language[.nextTitle])</title>"))
        #expect(!page(0).contains(">\(language[.queuedText])</p>") && !page(1).contains(next))
        // Nobody is let in, so nobody is next.
        #expect(!page(0, .queueAll).contains(next))
        #expect(page(1).contains("<span id=\"ahead-words\">\(language[.aheadOne])</span>"))
        #expect(page(2).contains("<span id=\"ahead-words\">\(language[.ahead])</span>"))
    }

    @Test(arguments: WaitingLanguage.all)
    func `Who stands in line may leave it, and is asked once more`(language: WaitingLanguage) {
        let link = "<a href=\"/.wr/leave?room=onsale&amp;page=1\">\(language[.leave])</a>"
        for state in [WaitingStatus.State.queued, .paused, .prequeue] {
            #expect(WaitingPage.render(status(state), in: language).contains(link))
        }
        #expect(!WaitingPage.render(status(.full), in: language).contains(link))
        let asked = WaitingPage.leave(
            room: "onsale",
            entrance: "/sale?a=\"&b",
            isDone: false,
            in: language
        )
        #expect(
            asked.contains(
                "<form method=\"post\" action=\"/.wr/leave?room=onsale&amp;place=1&amp;page=1\">"
            )
        )
        #expect(asked.contains("<a href=\"/sale?a=&quot;&amp;b\">\(language[.leaveStay])</a>"))
        let done = WaitingPage.leave(room: "onsale", entrance: "/", isDone: true, in: language)
        #expect(done.contains("<h1>\(language[.leftTitle])</h1>") && !done.contains("<form"))
    }

    @Test func `A page that need not be waited on does not reload`() {
        let page = WaitingPage.render(status(.full, poll: nil), in: .english)
        #expect(!page.contains("http-equiv=\"refresh\""))
        #expect(!page.contains("<script"))
    }

    @Test func `The live region holds no number that changes while waiting`() throws {
        let page = WaitingPage.render(status(.queued), in: .english)
        let region = try #require(page.split(separator: "\n").first { $0.contains("aria-live") })
        #expect(!region.contains { $0.isNumber })
    }

    @Test func `Assets are found by their hashed names alone`() throws {
        for asset in [WaitingPageAssets.script, WaitingPageAssets.stylesheet] {
            let answer = try #require(WaitingRoom.asset(named: asset.name))
            #expect(answer.status == 200)
            #expect(answer.body == asset.body)
            #expect(
                answer.fields.contains {
                    $0.name == "Cache-Control" && $0.value.contains("immutable")
                }
            )
        }
        #expect(WaitingRoom.asset(named: "app.js") == nil)
    }

    @Test(
        arguments: [
            ("*/*", nil, false), ("text/html,application/xhtml+xml,*/*;q=0.8", "navigate", false),
            ("application/json", nil, true), ("text/html, application/json;q=0.9", nil, false),
            ("text/html;q=0.5, application/json", nil, true), ("*/*", "cors", true),
            (nil, nil, false),
            ("text/html", "cors", true), ("text/html", "no-cors", true),
            ("application/json", "navigate", true),
            ("application/json;q=0", nil, false),
            ("text/html;q=x, application/json;q=0.001", nil, true),
            ("application/*", nil, true), ("application/json;q=0.1, */*;q=0.2", nil, false),
            ("text/html;a=\"b,c;q=0.1\", application/json;q=0.5", nil, false),
        ] as [(String?, String?, Bool)]
    )
    func `JSON is for those who prefer it or do not navigate`(
        accept: String?,
        mode: String?,
        isJSON: Bool
    ) {
        let preferences = WaitingPreferences(
            accept: .accepting(accept),
            fetchMode: mode.map { .kept($0) }
        )
        #expect(preferences.prefersJSON == isJSON)
    }

    @Test(
        arguments: [
            (nil, "en"), ("de-CH,de;q=0.9,en;q=0.8", "de"), ("fi, fr;q=0.5", "fr"), ("ja-JP", "ja"),
            ("es;q=0.1, de;q=0.2", "de"),
            ("xx", "en"), ("de;q=0", "en"), ("de;q=1.5, fr;q=0.1", "fr"), ("DE-at ; Q=0.5", "de"),
        ] as [(String?, String)]
    )
    func `The page speaks the visitor's language where it can`(accept: String?, code: String) {
        let preferences = WaitingPreferences(acceptLanguage: accept.map { .kept($0) })
        #expect(preferences.language.code == code)
    }

    @Test(
        arguments: [
            ("/tickets", "", nil), ("/.wr/status", "", .status(room: nil)),
            ("/.wr/status", "a=b&room=onsale", .status(room: "onsale")),
            ("/.wr/leave", "place=1", .leave(room: nil, givesUpPlace: true)),
            (
                "/.wr/leave", "room=onsale&place=1&page=1",
                .leave(room: "onsale", givesUpPlace: true, isPage: true)
            ),
            ("/.wr/leave", "place=10", .leave(room: nil, givesUpPlace: false)),
            ("/.wr/pulse/onsale", "", .pulse(room: "onsale")), ("/.wr/pulse/../x", "", .unknown),
            ("/.wr/app.1234.js", "", .asset(name: "app.1234.js")), ("/.wr/", "", .unknown),
            ("/.wr", "", .unknown),
            ("/.wrx", "", nil), ("/.wr/status/", "", .unknown),
        ] as [(String, String, WaitingRoomPath?)]
    )
    func `Every path below the prefix is the gateway's`(
        path: String,
        query: String,
        expected: WaitingRoomPath?
    ) {
        #expect(WaitingRoomPath(path: path, query: query) == expected)
    }
}

@Suite
struct WaitEstimatorTests {
    /// A full room whose slots are left at a steady pace.
    private func sight(_ freed: Int64, isWaiting: Bool = true) -> WaitEstimator.Sight {
        WaitEstimator.Sight(turns: freed + 7, freed: freed, isFull: true, isWaiting: isWaiting)
    }

    @Test func `Before turns have come there is no estimate`() {
        var estimator = WaitEstimator(sessionSeconds: 10)
        for second in 0..<20 { estimator.record(sight(5), now: Int64(second) * 1_000) }
        #expect(estimator.pace == nil)
    }

    @Test func `A steady line is estimated exactly`() throws {
        var estimator = WaitEstimator(sessionSeconds: 10)
        for second in 0..<60 as Range<Int64> {
            estimator.record(sight(second * 4), now: second * 1_000)
        }
        let estimate = try #require(estimator.pace).estimate(people: 399)
        #expect(estimate.seconds == 100)
        #expect(estimate.highSeconds > 110 && estimate.highSeconds < 130)
    }

    @Test func `A room that fills at once says nothing of how fast it empties`() throws {
        var estimator = WaitEstimator(sessionSeconds: 10)
        for second in 0..<10 as Range<Int64> {
            let filling = WaitEstimator.Sight(
                turns: second * 100,
                freed: 0,
                isFull: false,
                isWaiting: true
            )
            estimator.record(filling, now: second * 1_000)
        }
        for second in 0..<20 as Range<Int64> {
            let full = WaitEstimator.Sight(
                turns: 1_000 + second * 4,
                freed: second * 4,
                isFull: true,
                isWaiting: true
            )
            estimator.record(full, now: (10 + second) * 1_000)
        }
        #expect(try #require(estimator.pace).turnsPerSecond == 4)
    }

    @Test
    func `Of a young history the second half counts, since those who came in first leave late`()
        throws
    {
        var estimator = WaitEstimator(sessionSeconds: 30)
        for second in 0...16 as ClosedRange<Int64> {
            estimator.record(
                sight(second < 8 ? second : 8 + (second - 8) * 4),
                now: second * 1_000
            )
        }
        let pace = try #require(estimator.pace)
        #expect(pace.turnsPerSecond == 4)
        #expect(pace.seenSeconds == 8)
        for second in 17...60 as ClosedRange<Int64> {
            estimator.record(sight(8 + (second - 8) * 4), now: second * 1_000)
        }
        #expect(try #require(estimator.pace).turnsPerSecond == 4, "the first half is forgotten")
    }

    @Test func `Minutes in which nobody waited do not slow the pace`() throws {
        var estimator = WaitEstimator(sessionSeconds: 10)
        for second in 0..<30 as Range<Int64> {
            estimator.record(sight(second * 4), now: second * 1_000)
        }
        for second in 30..<60 as Range<Int64> {
            estimator.record(sight(120, isWaiting: false), now: second * 1_000)
        }
        #expect(try #require(estimator.pace).turnsPerSecond == 4)
    }

    @Test func `An outage and the rush after it do not change the pace that is told`() throws {
        var estimator = WaitEstimator(sessionSeconds: 10)
        for second in 0..<30 as Range<Int64> {
            estimator.record(sight(second * 4), now: second * 1_000)
        }
        for second in 30..<38 as Range<Int64> { estimator.interrupt(now: second * 1_000) }
        // Those inside are gone by then, and others come in as fast as the rate allows.
        for second in 38..<41 as Range<Int64> {
            let rush = WaitEstimator.Sight(
                turns: 127 + (second - 37) * 10,
                freed: 156,
                isFull: false,
                isWaiting: true
            )
            estimator.record(rush, now: second * 1_000)
        }
        #expect(try #require(estimator.pace).turnsPerSecond == 4)
        for second in 41..<60 as Range<Int64> {
            estimator.record(sight(156 + (second - 41) * 4), now: second * 1_000)
        }
        let pace = try #require(estimator.pace)
        #expect(pace.turnsPerSecond == 4)
        #expect(pace.dispersion == 1, "as steady as before")
    }

    @Test func `A room that never fills again after an outage is judged anew in the end`() throws {
        var estimator = WaitEstimator(sessionSeconds: 10)
        for second in 0..<30 as Range<Int64> {
            estimator.record(sight(second * 4), now: second * 1_000)
        }
        estimator.interrupt(now: 30_000)
        for second in 31..<100 as Range<Int64> {
            let slow = WaitEstimator.Sight(
                turns: 200 + second,
                freed: 200 + second,
                isFull: false,
                isWaiting: true
            )
            estimator.record(slow, now: second * 1_000)
        }
        #expect(try #require(estimator.pace).turnsPerSecond == 1)
    }

    @Test func `Places whose visitors are gone are not waited for`() {
        // A thousand places: of the first half one in ten is there, of the second all are.
        let parts = [Int64](repeating: 1, count: 50) + [Int64](repeating: 10, count: 50)
        let profile = CrowdProfile(start: 100, step: 10, places: 1_000, parts: parts)
        #expect(profile.present(after: 100, before: 601) == 50)
        #expect(profile.present(after: 100, before: 1_101) == 550)
        #expect(profile.present(after: 350, before: 601) == 25)
        #expect(profile.present(after: 100, before: 1_201) == 650, "who came since counts as there")
        #expect(profile.present(after: 600, before: 600) == 0)
        #expect(CrowdProfile().present(after: 10, before: 21) == 10)
    }

    @Test func `Numbers that nobody was given thin out no part of the line`() {
        var line = WaitingPositions(serving: 0)
        line.append(count: 10, aliveUntil: 5_000)
        line.append(count: 100_000, aliveUntil: 0)
        line.append(count: 20, aliveUntil: 5_000)
        let profile = line.profile(now: 1_000, unused: UnusedNumbers([10, 100_010]))
        #expect(profile.present(after: 0, before: 6) == 5)
        #expect(profile.present(after: 0, before: 100_011) == 10)
        #expect(profile.present(after: 4, before: 100_031) == 26)
        #expect(profile.present(after: 100_015, before: 100_031) == 15)
    }

    @Test func `What was told is held against what came`() {
        var book = EstimateBook()
        let estimate = WaitEstimator.Estimate(seconds: 10, highSeconds: 20)
        book.note(estimate, position: 5, now: 1_000)
        book.note(WaitEstimator.Estimate(seconds: 1, highSeconds: 2), position: 5, now: 9_000)
        let early = book.settle(serving: 4, now: 10_000)
        #expect(early.isEmpty)
        let outcome = EstimateBook.Outcome(
            toldSeconds: 10,
            realMilliseconds: 15_000,
            isKept: true
        )
        let due = book.settle(serving: 5, now: 16_000)
        let further = book.settle(serving: 9, now: 17_000)
        #expect(due == [outcome] && further.isEmpty)
        #expect(book.ninthDecile == nil)
        for position in 1...100 as ClosedRange<Int64> {
            book.note(estimate, position: position, now: 0)
            _ = book.settle(serving: position, now: position > 80 ? 19_000 : 10_000)
        }
        #expect(book.ninthDecile == 190)
    }
}
