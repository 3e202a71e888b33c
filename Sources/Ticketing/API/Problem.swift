import HTTPTypes
import Hummingbird

/// A refusal that the client can act upon, answered as `application/problem+json` (RFC 9457).
struct Problem: Error, Sendable, Equatable {
    /// The stable name clients compare, sent as `type`.
    let slug: String
    let status: Int
    /// One sentence for people, the same for every occurrence.
    let title: String
    /// What this occurrence is about.
    var detail: String?
    /// Which field of a form it is about; for our own pages.
    var field: String?
    /// The seats that somebody else has, for `seats-taken`.
    var taken: [String]?
    /// When to try again.
    var retryAfterSeconds: Int?
    /// What may be asked instead, for `method-not-allowed`.
    var allow: String?

    static func seatsTaken(_ labels: [String]) -> Problem {
        Problem(
            slug: "seats-taken",
            status: 409,
            title: "Somebody else has these seats.",
            taken: labels
        )
    }
    /// The same by the numbers that the seats have in their event's map.
    static func seatsTaken(_ seats: [Int], in listing: Listing) -> Problem {
        seatsTaken(seats.compactMap(listing.map.label(of:)))
    }
    static let soldOut = Problem(
        slug: "sold-out",
        status: 409,
        title: "No seats of this kind are left."
    )
    static let holdExpired = Problem(
        slug: "hold-expired",
        status: 409,
        title: "The seats are no longer held for you."
    )
    static let priceChanged = Problem(
        slug: "price-changed",
        status: 409,
        title: "The price changed; choose again."
    )
    static let orderClosed = Problem(
        slug: "order-closed",
        status: 409,
        title: "The order can no longer be changed."
    )
    static let idempotencyInProgress = Problem(
        slug: "idempotency-in-progress",
        status: 409,
        title: "The first request with this key has not been answered yet.",
        retryAfterSeconds: 1
    )
    static let idempotencyMismatch = Problem(
        slug: "idempotency-mismatch",
        status: 422,
        title: "This key was used for a different request."
    )
    static let voucherInvalid = Problem(
        slug: "voucher-invalid",
        status: 422,
        title: "There is no such voucher for this event, or its time is over.",
        field: "voucher"
    )
    static let voucherUsedUp = Problem(
        slug: "voucher-used-up",
        status: 409,
        title: "The voucher has been used as often as it may be.",
        field: "voucher"
    )
    static func tooManyTries(for wait: Milliseconds) -> Problem {
        Problem(
            slug: "too-many-tries",
            status: 429,
            title: "Too many codes that do not exist; try again later.",
            field: "voucher",
            retryAfterSeconds: Int((wait + Span.second - 1) / Span.second)
        )
    }
    static let paymentDeclined = Problem(
        slug: "payment-declined",
        status: 402,
        title: "The payment was declined; try another way to pay."
    )
    static let refundClosed = Problem(
        slug: "refund-closed",
        status: 409,
        title: "It is too late to give tickets back."
    )
    static let ticketNotRefundable = Problem(
        slug: "ticket-not-refundable",
        status: 409,
        title: "One of the tickets is not yours to give back any more."
    )
    static let tokenInvalid = Problem(
        slug: "token-invalid",
        status: 422,
        title: "The link was used before or is too old."
    )
    static let notAdmitted = Problem(
        slug: "not-admitted",
        status: 403,
        title: "It is not your turn yet: come through the waiting room."
    )
    static let slugTaken = Problem(
        slug: "slug-taken",
        status: 409,
        title: "Something else has this name already."
    )
    static func venueDiffers(_ known: String) -> Problem {
        Problem(
            slug: "venue-differs",
            status: 409,
            title: "The venue is known with another name, city or time zone: replace changes them.",
            detail: known
        )
    }
    static let voucherTaken = Problem(
        slug: "voucher-taken",
        status: 409,
        title: "The event has a voucher with this code already."
    )
    static let lastAdmin = Problem(
        slug: "last-admin",
        status: 409,
        title: "This is the last administrator: make somebody else one first."
    )
    static let unknownOutcome = Problem(
        slug: "unknown-outcome",
        status: 503,
        title: "It is not known whether that took effect: repeat it with the same key.",
        retryAfterSeconds: 1
    )
    static let invalidCredentials = Problem(
        slug: "invalid-credentials",
        status: 401,
        title: "The e-mail address or the password is wrong.",
        field: "password"
    )
    static let loginRequired = Problem(slug: "login-required", status: 401, title: "Sign in first.")
    static let forbidden = Problem(slug: "forbidden", status: 403, title: "You may not do this.")
    static let crossSite = Problem(
        slug: "cross-site",
        status: 403,
        title: "The request came from another site."
    )
    static let notFound = Problem(slug: "not-found", status: 404, title: "There is nothing here.")
    static func methodNotAllowed(_ allow: String) -> Problem {
        Problem(
            slug: "method-not-allowed",
            status: 405,
            title: "This is not something to do here.",
            allow: allow
        )
    }
    static let busy = Problem(
        slug: "busy",
        status: 503,
        title: "Too much is going on; try again shortly.",
        retryAfterSeconds: 1
    )
    static let badSignature = Problem(
        slug: "bad-signature",
        status: 400,
        title: "The signature is not valid."
    )
    static let internalError = Problem(
        slug: "internal",
        status: 500,
        title: "Something went wrong on our side."
    )

    static func saleClosed(_ sale: Sale) -> Problem {
        Problem(
            slug: "sale-closed",
            status: 409,
            title: "Tickets are not on sale.",
            detail: sale.rawValue
        )
    }
    static func limitExceeded(_ detail: String) -> Problem {
        Problem(
            slug: "limit-exceeded",
            status: 422,
            title: "That is more than one buyer may have.",
            detail: detail
        )
    }
    /// What cannot be printed on a ticket or stand in a mail's header.
    static func invalidText(_ field: String) -> Problem {
        Problem(
            slug: "invalid-text",
            status: 422,
            title: "A name consists of characters that can be printed.",
            detail: "\(field) has control characters, line breaks or turns the direction of text",
            field: field == "a holder" ? "holder" : field
        )
    }
    static func invalidBody(_ detail: String, field: String? = nil) -> Problem {
        Problem(
            slug: "invalid-body",
            status: 400,
            title: "The request cannot be understood.",
            detail: detail,
            field: field
        )
    }
}

extension Problem {
    /// The body on the wire.
    private struct Document: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String?
        let taken: [String]?
    }

    /// How errors of lower layers look from outside.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case SQLError.busy, SQLError.deadlock: self = .busy
        case SQLError.unknownOutcome: self = .unknownOutcome
        case let error as any HTTPResponseError where error.status == .notFound: self = .notFound
        case let error as any HTTPResponseError where error.status.code < 500:
            self = Problem(
                slug: "http-\(error.status.code)",
                status: error.status.code,
                title: error.status.reasonPhrase
            )
        default: self = .internalError
        }
    }

    /// The body's bytes.
    var document: [UInt8] {
        JSON.encode(
            Document(type: slug, title: title, status: status, detail: detail, taken: taken)
        )
    }

    /// What a client has to know besides, whatever form the answer has.
    var headers: HTTPFields {
        var headers = HTTPFields()
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
        if let allow { headers[.allow] = allow }
        return headers
    }

    /// The whole answer; never stored by a cache.
    var response: Response {
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: .init(code: status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document))
        )
    }
}
