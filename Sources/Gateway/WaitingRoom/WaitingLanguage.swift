/// The words of the waiting page in one language: what a file of the room's `pages` directory may say otherwise.
struct WaitingLanguage: Hashable, Sendable {
    /// What the page has to say, by its key in the file.
    enum Word: String, CaseIterable, Sendable {
        case queuedTitle = "queued_title"
        case queuedText = "queued_text"
        case nextTitle = "next_title"
        case nextText = "next_text"
        case pausedTitle = "paused_title"
        case pausedText = "paused_text"
        case prequeueTitle = "prequeue_title"
        case prequeueText = "prequeue_text"
        case earlyTitle = "early_title"
        case earlyText = "early_text"
        case fullTitle = "full_title"
        case fullText = "full_text"
        case soldOutTitle = "sold_out_title"
        case soldOutText = "sold_out_text"
        case maintenanceTitle = "maintenance_title"
        case maintenanceText = "maintenance_text"
        case heldTitle = "held_title"
        case heldText = "held_text"
        case challengeTitle = "challenge_title"
        case challengeText = "challenge_text"
        case laterTitle = "later_title"
        case laterText = "later_text"
        case expiredTitle = "expired_title"
        case expiredText = "expired_text"
        case readyTitle = "ready_title"
        case readyText = "ready_text"
        case ahead
        case aheadOne = "ahead_one"
        case number
        case wait
        case opens
        case seconds
        case minutes
        case range
        case unknown
        case remaining
        case updates
        case move
        case moveShow = "move_show"
        case moveCode = "move_code"
        case moveEnter = "move_enter"
        case moveTake = "move_take"
        case moveWrong = "move_wrong"
        case leave
        case leaveText = "leave_text"
        case leaveStay = "leave_stay"
        case leftTitle = "left_title"
        case leftText = "left_text"
        case leftAgain = "left_again"
        case proofLink = "proof_link"
        case proofQuestion = "proof_question"
        case proofHold = "proof_hold"
        case proofSend = "proof_send"
        case proofWrong = "proof_wrong"
    }

    /// One of the things that the page can be about.
    enum Scene: String, CaseIterable, Sendable {
        case queued
        case next
        case paused
        case prequeue
        case early
        case full
        case soldOut
        case maintenance
        case later
        case held
        case challenge
        case expired
        case ready

        init(_ status: WaitingStatus) {
            switch (status.state, status.reason) {
            case (_, .maintenance): self = .maintenance
            case (_, .soldOut): self = .soldOut
            case (_, .tooManyPlaces): self = .later
            case (.prequeue, _): self = .prequeue
            case (_, .notOpenYet): self = .early
            case (.challenge, _): self = .challenge
            case (.queued, .heldBack): self = .held
            case (.queued, .queueAll): self = .queued
            case (.queued, _): self = status.ahead == 0 ? .next : .queued
            case (.paused, _): self = .paused
            case (.full, _): self = .full
            case (.expired, _): self = .expired
            default: self = .ready
            }
        }

        var title: Word {
            switch self {
            case .queued: .queuedTitle
            case .next: .nextTitle
            case .paused: .pausedTitle
            case .prequeue: .prequeueTitle
            case .early: .earlyTitle
            case .full: .fullTitle
            case .soldOut: .soldOutTitle
            case .maintenance: .maintenanceTitle
            case .later: .laterTitle
            case .held: .heldTitle
            case .challenge: .challengeTitle
            case .expired: .expiredTitle
            case .ready: .readyTitle
            }
        }

        var text: Word {
            switch self {
            case .queued: .queuedText
            case .next: .nextText
            case .paused: .pausedText
            case .prequeue: .prequeueText
            case .early: .earlyText
            case .full: .fullText
            case .soldOut: .soldOutText
            case .maintenance: .maintenanceText
            case .later: .laterText
            case .held: .heldText
            case .challenge: .challengeText
            case .expired: .expiredText
            case .ready: .readyText
            }
        }
    }

    /// The primary language subtag (RFC 5646).
    let code: String
    private var words: [Word: String]

    /// Reads lines of `key: text`; lines that begin with `#` are for people.
    ///
    /// - Parameters:
    ///   - fallback: says what the file does not.
    ///   - problems: learns of every line that is none.
    init(
        code: String,
        text: String,
        fallback: WaitingLanguage? = nil,
        problems: inout [FileProblem]
    ) {
        self.code = code
        words = fallback?.words ?? [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let colon = line.firstIndex(of: ":"),
                let word = Word(rawValue: String(line[..<colon]))
            else {
                problems.append(
                    FileProblem(
                        file: "\(code).txt",
                        line: index + 1,
                        message: "expected a known key, a colon and a text"
                    )
                )
                continue
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            words[word] = String(value)
        }
    }

    /// The text of a word; empty if the language lacks it.
    subscript(_ word: Word) -> String { words[word] ?? "" }

    /// The file that says the same.
    var text: String {
        Word.allCases.map { "\($0.rawValue): \(self[$0])\n" }.joined()
    }

    func title(_ status: WaitingStatus) -> String { self[Scene(status).title] }

    func text(_ status: WaitingStatus) -> String { self[Scene(status).text] }

    /// A wait in the unit in which people think of it, with its range where that says more.
    func wait(_ estimate: WaitEstimator.Estimate?) -> String {
        guard let estimate else { return self[.unknown] }
        let isShort = estimate.seconds < 90
        let low = Self.rounded(estimate.seconds, isShort)
        let high = Self.rounded(estimate.highSeconds, isShort)
        let count =
            high > low
            ? Self.filled(self[.range], [String(low), String(high)]) : String(low)
        return Self.filled(self[isShort ? .seconds : .minutes], [count])
    }

    /// The text with each `%` replaced, in order.
    static func filled(_ text: String, _ values: [String]) -> String {
        let parts = text.split(separator: "%", omittingEmptySubsequences: false)
        return parts.enumerated().reduce(into: "") { result, part in
            result += part.element
            if part.offset < parts.count - 1, part.offset < values.count {
                result += values[part.offset]
            }
        }
    }

    private static func rounded(_ seconds: Int64, _ isShort: Bool) -> Int64 {
        isShort ? (seconds + 9) / 10 * 10 : (seconds + 59) / 60
    }
}
