/// The sales board in words and two drawings.
struct SalesBoardModel {
    private static let width = 600
    private static let height = 120

    let figures: SalesBoard.Figures
    let title: String

    private func money(_ amount: Int64) -> String {
        Money(amount: amount, currency: figures.currency).description
    }

    /// The values for the template.
    var values: [String: Any] {
        var values = sale
        values["cancellation"] = cancellation
        return values
    }

    private var sale: [String: Any] {
        [
            "title": title, "slug": figures.event, "sale": figures.sale,
            "is_open": figures.sale == "open" || figures.sale == "upcoming",
            "is_paused": figures.sale == "paused",
            "is_cancelled": figures.sale == "cancelled", "capacity": figures.capacity,
            "free": figures.free, "held": figures.held, "sold": figures.sold,
            "blocked": figures.blocked, "revenue": money(figures.revenue),
            "refunded": money(figures.refunded),
            "refunds_open": money(figures.refundsOpen), "checked_in": figures.checkedIn,
            "viewers": figures.viewers, "waiting": figures.jobsWaiting, "dead": figures.jobsDead,
            "chart": chart, "bar": bar(figures.free, figures.held, figures.sold, figures.blocked),
            "sections": figures.sections.map { section in
                [
                    "code": section.code, "name": section.name, "free": String(section.free),
                    "held": String(section.held), "sold": String(section.sold),
                    "bar": bar(section.free, section.held, section.sold, section.blocked),
                ]
            },
        ]
    }

    private var cancellation: [String: Any]? {
        figures.cancellation.map { board in
            [
                "orders": board.orders, "refunded": board.refunded,
                "refunds": board.refunds.map { refund in
                    [
                        "id": refund.id, "order": refund.order, "amount": money(refund.amount),
                        "attempts": String(refund.attempts), "due_at": refund.dueAt ?? "",
                        "is_due": refund.dueAt != nil, "error": refund.error ?? "",
                    ]
                },
                "jobs": board.jobs.map { ["id": $0.id, "about": $0.about, "error": $0.error] },
            ]
        }
    }

    /// Revenue minute by minute over the last hour that had any.
    private var chart: String {
        let most = max(1, figures.minutes.map(\.amount).max() ?? 1)
        let bars = figures.minutes.suffix(60).enumerated().map { index, minute in
            let height = max(1, Int(minute.amount * Int64(Self.height - 10) / most))
            let title = "\(minute.at.prefix(16)): \(minute.orders) orders, \(money(minute.amount))"
            return """
                <rect x="\(index * 10 + 1)" y="\(Self.height - height)" width="8" height="\(height)" rx="1">\
                <title>\(Markup.escape(title))</title></rect>
                """
        }
        return """
            <svg class="chart" viewBox="0 0 \(Self.width) \(Self.height)" role="img" \
            aria-label="Revenue by minute, at most \(Markup.escape(money(most)))">\(bars.joined())</svg>
            """
    }

    private func bar(_ free: Int, _ held: Int, _ sold: Int, _ blocked: Int) -> String {
        let total = max(1, free + held + sold + blocked)
        var x = 0
        let parts = [("sold", sold), ("held", held), ("kept", blocked)].map { name, count in
            let width = count * 1000 / total
            defer { x += width }
            return "<rect class=\"\(name)\" x=\"\(x)\" y=\"0\" width=\"\(width)\" height=\"10\"/>"
        }
        return """
            <svg class="share" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" \
            aria-label="\(sold) sold, \(held) held, \(free) free">\(parts.joined())</svg>
            """
    }
}
