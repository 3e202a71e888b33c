/// An event to be put on sale.
struct EventPlan: Sendable {
    let id: Int64
    let slug: String
    let title: String
    let body: String
    let venue: VenuePlan
    let tiers: [Tier]
    /// From now, negative for the past.
    let startsIn: Milliseconds
    let opensIn: Milliseconds
    var status = EventStatus.published
    var waitingRoom = false
    var maxPerOrder = 6
    var maxPerBuyer = 10
    /// The share of seats that are sold already.
    var soldShare = 0.0

    private static let teatroTiers = [
        Tier(number: 1, name: "Stalls", amount: 4500, fee: 250, color: "#b8456b"),
        Tier(number: 2, name: "Balcony", amount: 2800, fee: 200, color: "#3b7ea1"),
    ]
    private static let arenaTiers = [
        Tier(number: 1, name: "Floor", amount: 12_900, fee: 650, color: "#b8456b"),
        Tier(number: 2, name: "Lower centre", amount: 9900, fee: 500, color: "#c7762e"),
        Tier(number: 3, name: "Lower side", amount: 7900, fee: 400, color: "#5b8c3e"),
        Tier(number: 4, name: "Upper centre", amount: 5900, fee: 300, color: "#3b7ea1"),
        Tier(number: 5, name: "Upper side", amount: 3900, fee: 200, color: "#7a5ba6"),
    ]

    /// The demonstration programme: one event for each state that a visitor can meet.
    static let demonstration = [
        EventPlan(
            id: 101,
            slug: "teatro-500",
            title: "Five Hundred Voices",
            body:
                "One evening, five hundred seats, and a choir that fills the house without a microphone.",
            venue: .teatro,
            tiers: teatroTiers,
            startsIn: 30 * Span.day,
            opensIn: -Span.day
        ),
        EventPlan(
            id: 102,
            slug: "arena-nights",
            title: "Arena Nights",
            body: "Twenty thousand people, one stage in the round. Doors open at six.",
            venue: .arena,
            tiers: arenaTiers,
            startsIn: 60 * Span.day,
            opensIn: -Span.hour,
            waitingRoom: true,
            soldShare: 0.12
        ),
        EventPlan(
            id: 103,
            slug: "the-last-dance",
            title: "The Last Dance",
            body: "The farewell tour ends here. The sale opens shortly; be there in time.",
            venue: .arena,
            tiers: arenaTiers,
            startsIn: 120 * Span.day,
            opensIn: 10 * Span.minute,
            waitingRoom: true
        ),
        EventPlan(
            id: 104,
            slug: "winter-gala",
            title: "Winter Gala",
            body: "An evening of waltzes and operetta.",
            venue: .teatro,
            tiers: teatroTiers,
            startsIn: 20 * Span.day,
            opensIn: -10 * Span.day,
            soldShare: 1
        ),
        EventPlan(
            id: 105,
            slug: "open-rehearsal",
            title: "Open Rehearsal",
            body: "Listen to the orchestra at work. Admission is free, seats are numbered.",
            venue: .teatro,
            tiers: [
                Tier(number: 1, name: "Stalls", amount: 0, fee: 0, color: "#b8456b"),
                Tier(number: 2, name: "Balcony", amount: 0, fee: 0, color: "#3b7ea1"),
            ],
            startsIn: 10 * Span.day,
            opensIn: -2 * Span.day,
            maxPerOrder: 4,
            maxPerBuyer: 4
        ),
        EventPlan(
            id: 106,
            slug: "storm-at-sea",
            title: "Storm at Sea",
            body: "Cancelled: the company is stuck behind the very weather it wanted to play.",
            venue: .teatro,
            tiers: teatroTiers,
            startsIn: 15 * Span.day,
            opensIn: -20 * Span.day,
            status: .cancelled
        ),
        EventPlan(
            id: 107,
            slug: "summer-serenade",
            title: "Summer Serenade",
            body: "It was a warm night, and nobody wanted to go home.",
            venue: .teatro,
            tiers: teatroTiers,
            startsIn: -40 * Span.day,
            opensIn: -100 * Span.day,
            soldShare: 0.8
        ),
    ]
}
