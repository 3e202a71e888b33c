/// The words of the waiting page in one language.
struct WaitingLanguage: Hashable, Sendable {
    /// The primary language subtag (RFC 5646).
    let code: String
    let queuedTitle: String
    let queuedText: String
    let pausedTitle: String
    let pausedText: String
    let fullTitle: String
    let fullText: String
    let readyTitle: String
    let readyText: String
    let ahead: String
    let number: String
    let wait: String
    /// `%` stands for the number.
    let seconds: String
    let minutes: String
    let unknownWait: String
    let updates: String

    static let all = [english, german, french, spanish]

    func title(_ state: WaitingStatus.State) -> String {
        switch state {
        case .queued: queuedTitle
        case .paused: pausedTitle
        case .full: fullTitle
        case .admitted, .open, .expired: readyTitle
        }
    }

    func text(_ state: WaitingStatus.State) -> String {
        switch state {
        case .queued: queuedText
        case .paused: pausedText
        case .full: fullText
        case .admitted, .open, .expired: readyText
        }
    }

    /// A wait in the unit in which people think of it.
    func wait(_ estimate: WaitEstimator.Estimate?) -> String {
        guard let estimate else { return unknownWait }
        let isShort = estimate.seconds < 90
        let count = isShort ? (estimate.seconds + 9) / 10 * 10 : (estimate.seconds + 59) / 60
        return (isShort ? seconds : minutes).split(separator: "%", omittingEmptySubsequences: false)
            .joined(separator: "\(count)")
    }
}
