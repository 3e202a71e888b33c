/// What a buyer takes away from an order: the document with the tickets and the entry for the calendar.
struct TicketPapers: Sendable {
    let order: Order
    let tickets: [Ticket]
    let listing: Listing

    private var startsAt: CalendarDate {
        LocalTime.date(listing.event.startsAt, in: listing.event.timeZone)
    }

    /// When the event begins, as its visitors read it.
    var when: String { "\(startsAt.longDate), \(startsAt.clockTime)" }
    var venue: String { "\(listing.event.venueName), \(listing.event.city)" }

    /// The document could not be drawn.
    struct Undrawable: Error {}

    /// The valid tickets as PDF; nil if there are none.
    func pdf() throws -> [UInt8]? {
        let pages = tickets.filter(\.isValid).map { ticket in
            TicketPDF.Page(
                title: listing.event.title,
                when: when,
                venue: venue,
                place: Self.words(
                    for: listing.map.place(section: ticket.section, seat: ticket.seat)
                ),
                price: Money(amount: ticket.amount, currency: order.currency).description,
                holder: ticket.holder,
                serial: ticket.serial,
                order: order.code,
                code: ticket.code
            )
        }
        if pages.isEmpty { return nil }
        guard let document = TicketPDF.document(pages) else { throw Undrawable() }
        return document
    }

    /// A place as people say it.
    static func words(for place: SeatMap.Place) -> String {
        place.row.isEmpty
            ? "\(place.section), standing"
            : "\(place.section), row \(place.row), seat \(place.number)"
    }

    /// The event for a calendar (RFC 5545).
    var calendar: String {
        let event = listing.event
        let end = event.startsAt + 3 * Span.hour
        let lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//BookmeHaniel//bookme//EN", "BEGIN:VEVENT",
            "UID:\(order.code)@bookme", "DTSTAMP:\(Self.stamp(order.paidAt ?? order.createdAt))",
            "DTSTART:\(Self.stamp(event.startsAt))", "DTEND:\(Self.stamp(end))",
            "SUMMARY:\(Self.escaped(event.title))", "LOCATION:\(Self.escaped(venue))",
            "END:VEVENT", "END:VCALENDAR", "",
        ]
        return lines.map(Self.folded).joined(separator: "\r\n")
    }

    private static func stamp(_ moment: Milliseconds) -> String {
        String(moment.timestamp.filter { $0 != "-" && $0 != ":" }.prefix(15)) + "Z"
    }

    private static func escaped(_ text: String) -> String {
        // By code points: a comma with an accent is still a comma to those who read this.
        text.unicodeScalars.map { scalar in
            switch scalar {
            case ",", ";", "\\": "\\\(scalar)"
            case "\n": "\\n"
            case _ where scalar.properties.generalCategory == .control: ""
            default: String(scalar)
            }
        }.joined()
    }

    /// Lines of a calendar are at most 75 bytes long.
    private static func folded(_ line: String) -> String {
        var result = ""
        var bytes = 0
        for character in line {
            let size = String(character).utf8.count
            if bytes + size > 74 {
                result += "\r\n "
                bytes = 1
            }
            result.append(character)
            bytes += size
        }
        return result
    }
}
