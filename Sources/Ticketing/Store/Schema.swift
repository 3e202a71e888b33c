/// The schema's history. Identifiers are minted in the app, times are milliseconds since 1970 in UTC, money is in minor
/// units; the SQL keeps to what SQLite, MariaDB and MySQL share.
enum Schema {
    static let migrations = [
        Migration(version: 1, name: "identity", statements: identity),
        Migration(version: 2, name: "venues and events", statements: venuesAndEvents),
        Migration(version: 3, name: "claims and holds", statements: claimsAndHolds),
        Migration(version: 4, name: "orders and tickets", statements: ordersAndTickets),
        Migration(version: 5, name: "payments", statements: payments),
        Migration(version: 6, name: "sandbox provider", statements: sandboxProvider),
        Migration(version: 7, name: "tokens by mail", statements: tokensByMail),
        Migration(version: 8, name: "standing areas", statements: standingAreas),
        Migration(version: 9, name: "vouchers", statements: vouchers),
        Migration(version: 10, name: "refunds in part", statements: refundsInPart),
        Migration(version: 11, name: "check-ins", statements: checkIns),
        Migration(version: 12, name: "jobs and audit", statements: jobsAndAudit),
        Migration(version: 13, name: "turns of visitors", statements: visitorTurns),
        Migration(version: 14, name: "ages and long answers", statements: agesAndLongAnswers),
        Migration(version: 15, name: "ages of the sandbox", statements: agesOfTheSandbox),
        Migration(version: 16, name: "refunds given up", statements: refundsGivenUp),
        Migration(version: 17, name: "notes of the sandbox", statements: notesOfTheSandbox),
        Migration(version: 18, name: "jobs begun", statements: jobsBegun),
        Migration(version: 19, name: "tries of vouchers", statements: triesOfVouchers),
        Migration(version: 20, name: "mails of buyers", statements: mailsOfBuyers),
        Migration(version: 21, name: "payments asked about", statements: paymentsAskedAbout),
        Migration(version: 22, name: "events by time", statements: eventsByTime),
        Migration(version: 23, name: "last words on payments", statements: lastWordsOnPayments),
    ]

    private static let identity = [
        """
        CREATE TABLE users(
          id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(254) NOT NULL, email_norm VARCHAR(254) NOT NULL,
          name VARCHAR(120) NOT NULL, password_phc VARCHAR(255) NOT NULL, role SMALLINT NOT NULL DEFAULT 0,
          failed_logins INT NOT NULL DEFAULT 0, locked_until BIGINT NULL, created_at BIGINT NOT NULL,
          CONSTRAINT uq_users_email UNIQUE(email_norm))
        """,
        """
        CREATE TABLE sessions(
          token_hash CHAR(64) NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL, created_at BIGINT NOT NULL,
          seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)
        """,
        "CREATE INDEX ix_sessions_user ON sessions(user_id)",
        "CREATE INDEX ix_sessions_expiry ON sessions(expires_at)",
        "CREATE TABLE secrets(name VARCHAR(60) NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE counters(name VARCHAR(60) NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",
        """
        CREATE TABLE idempotency(
          scope VARCHAR(90) NOT NULL, idem_key VARCHAR(100) NOT NULL, request_hash CHAR(64) NOT NULL,
          status SMALLINT NOT NULL, response TEXT NULL, created_at BIGINT NOT NULL, PRIMARY KEY(scope, idem_key))
        """,
        "CREATE INDEX ix_idempotency_age ON idempotency(created_at)",
    ]

    private static let venuesAndEvents = [
        """
        CREATE TABLE venues(
          id BIGINT NOT NULL PRIMARY KEY, slug VARCHAR(80) NOT NULL, name VARCHAR(120) NOT NULL,
          city VARCHAR(80) NOT NULL, tz VARCHAR(40) NOT NULL, CONSTRAINT uq_venues_slug UNIQUE(slug))
        """,
        """
        CREATE TABLE seat_maps(
          id BIGINT NOT NULL PRIMARY KEY, venue_id BIGINT NOT NULL, revision INT NOT NULL,
          CONSTRAINT uq_seat_maps UNIQUE(venue_id, revision))
        """,
        """
        CREATE TABLE map_sections(
          map_id BIGINT NOT NULL, section_no INT NOT NULL, code VARCHAR(16) NOT NULL, name VARCHAR(80) NOT NULL,
          first_seat INT NOT NULL, seat_count INT NOT NULL, PRIMARY KEY(map_id, section_no),
          CONSTRAINT uq_map_sections UNIQUE(map_id, code))
        """,
        """
        CREATE TABLE map_seats(
          map_id BIGINT NOT NULL, seat_no INT NOT NULL, section_no INT NOT NULL, row_label VARCHAR(8) NOT NULL,
          seat_label VARCHAR(8) NOT NULL, x INT NOT NULL, y INT NOT NULL, PRIMARY KEY(map_id, seat_no),
          CONSTRAINT uq_map_seats UNIQUE(map_id, section_no, row_label, seat_label))
        """,
        """
        CREATE TABLE events(
          id BIGINT NOT NULL PRIMARY KEY, slug VARCHAR(80) NOT NULL, map_id BIGINT NOT NULL,
          title VARCHAR(160) NOT NULL, body TEXT NOT NULL, currency CHAR(3) NOT NULL,
          starts_at BIGINT NOT NULL, sales_open_at BIGINT NOT NULL,
          sales_close_at BIGINT NOT NULL, status SMALLINT NOT NULL, max_per_order INT NOT NULL,
          max_per_buyer INT NOT NULL, hold_seconds INT NOT NULL, waiting_room SMALLINT NOT NULL DEFAULT 0,
          CONSTRAINT uq_events_slug UNIQUE(slug))
        """,
        "CREATE INDEX ix_events_list ON events(status, starts_at)",
        """
        CREATE TABLE tiers(
          event_id BIGINT NOT NULL, tier_no INT NOT NULL, name VARCHAR(60) NOT NULL, amount BIGINT NOT NULL,
          fee BIGINT NOT NULL, color CHAR(7) NOT NULL, PRIMARY KEY(event_id, tier_no),
          CHECK(amount >= 0 AND fee >= 0))
        """,
        """
        CREATE TABLE event_sections(
          event_id BIGINT NOT NULL, section_no INT NOT NULL, tier_no INT NOT NULL, PRIMARY KEY(event_id, section_no))
        """,
    ]

    /// `seat_claims` holds the invariant: at most one row per seat of an event. No row means free; state 1 held, 2
    /// sold, 3 blocked by the house. `seat_revisions` grows with every change of an event's claims.
    private static let claimsAndHolds = [
        """
        CREATE TABLE seat_claims(
          event_id BIGINT NOT NULL, seat_no INT NOT NULL, state SMALLINT NOT NULL, hold_id BIGINT NOT NULL,
          order_id BIGINT NULL, expires_at BIGINT NULL, PRIMARY KEY(event_id, seat_no),
          CHECK((state = 1 AND order_id IS NULL AND expires_at IS NOT NULL)
            OR (state = 2 AND order_id IS NOT NULL AND expires_at IS NULL)
            OR (state = 3 AND order_id IS NULL)))
        """,
        "CREATE INDEX ix_claims_hold ON seat_claims(hold_id)",
        "CREATE TABLE seat_revisions(event_id BIGINT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL)",
        """
        CREATE TABLE holds(
          id BIGINT NOT NULL PRIMARY KEY, event_id BIGINT NOT NULL, user_id BIGINT NULL,
          session_hash CHAR(64) NOT NULL, state SMALLINT NOT NULL, units INT NOT NULL, amount BIGINT NOT NULL,
          expires_at BIGINT NOT NULL, created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX ix_holds_sweep ON holds(state, expires_at)",
        "CREATE INDEX ix_holds_session ON holds(session_hash, event_id, state)",
        """
        CREATE TABLE hold_items(
          hold_id BIGINT NOT NULL, item_no INT NOT NULL, section_no INT NOT NULL, seat_no INT NOT NULL,
          tier_no INT NOT NULL, unit_amount BIGINT NOT NULL, unit_fee BIGINT NOT NULL, PRIMARY KEY(hold_id, item_no))
        """,
    ]

    /// `tickets.live_seat` is the seat while the ticket is valid and NULL once it is void: a second guard against two
    /// tickets for one seat, independent of the claims.
    private static let ordersAndTickets = [
        """
        CREATE TABLE buyer_quota(
          event_id BIGINT NOT NULL, email_norm VARCHAR(254) NOT NULL, units INT NOT NULL,
          PRIMARY KEY(event_id, email_norm), CHECK(units >= 0))
        """,
        """
        CREATE TABLE orders(
          id BIGINT NOT NULL PRIMARY KEY, code CHAR(10) NOT NULL, event_id BIGINT NOT NULL, user_id BIGINT NULL,
          session_hash CHAR(64) NOT NULL, hold_id BIGINT NOT NULL, email VARCHAR(254) NOT NULL,
          email_norm VARCHAR(254) NOT NULL, holder VARCHAR(120) NOT NULL, state SMALLINT NOT NULL, units INT NOT NULL,
          currency CHAR(3) NOT NULL, subtotal BIGINT NOT NULL, fees BIGINT NOT NULL, total BIGINT NOT NULL,
          refunded BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, expires_at BIGINT NULL, paid_at BIGINT NULL,
          closed_at BIGINT NULL, revision INT NOT NULL DEFAULT 1, CONSTRAINT uq_orders_code UNIQUE(code),
          CONSTRAINT uq_orders_hold UNIQUE(hold_id),
          CHECK(total = subtotal + fees AND refunded >= 0 AND refunded <= total))
        """,
        "CREATE INDEX ix_orders_user ON orders(user_id, created_at)",
        "CREATE INDEX ix_orders_session ON orders(session_hash, created_at)",
        "CREATE INDEX ix_orders_event ON orders(event_id, state, created_at)",
        "CREATE INDEX ix_orders_sweep ON orders(state, expires_at)",
        """
        CREATE TABLE order_log(
          order_id BIGINT NOT NULL, revision INT NOT NULL, from_state SMALLINT NULL, to_state SMALLINT NOT NULL,
          cause VARCHAR(60) NOT NULL, at BIGINT NOT NULL, PRIMARY KEY(order_id, revision))
        """,
        """
        CREATE TABLE tickets(
          id BIGINT NOT NULL PRIMARY KEY, order_id BIGINT NOT NULL, item_no INT NOT NULL, event_id BIGINT NOT NULL,
          section_no INT NOT NULL, seat_no INT NOT NULL, tier_no INT NOT NULL, amount BIGINT NOT NULL,
          holder VARCHAR(120) NOT NULL, serial VARCHAR(26) NOT NULL, code VARCHAR(160) NOT NULL,
          state SMALLINT NOT NULL, live_seat INT NULL, CONSTRAINT uq_tickets_serial UNIQUE(serial),
          CONSTRAINT uq_tickets_item UNIQUE(order_id, item_no),
          CONSTRAINT uq_tickets_live_seat UNIQUE(event_id, live_seat))
        """,
    ]

    /// `live_order` is the order while the attempt may still succeed, else NULL: one live attempt per order.
    private static let payments = [
        """
        CREATE TABLE payments(
          id BIGINT NOT NULL PRIMARY KEY, order_id BIGINT NOT NULL, provider VARCHAR(20) NOT NULL,
          intent_ref VARCHAR(80) NULL, state SMALLINT NOT NULL, amount BIGINT NOT NULL, currency CHAR(3) NOT NULL,
          live_order BIGINT NULL, redirect VARCHAR(300) NULL, created_at BIGINT NOT NULL, settled_at BIGINT NULL,
          CONSTRAINT uq_payments_ref UNIQUE(provider, intent_ref), CONSTRAINT uq_payments_live UNIQUE(live_order))
        """,
        "CREATE INDEX ix_payments_order ON payments(order_id)",
        "CREATE INDEX ix_payments_reconcile ON payments(state, created_at)",
        """
        CREATE TABLE payment_events(
          provider VARCHAR(20) NOT NULL, event_ref VARCHAR(80) NOT NULL, received_at BIGINT NOT NULL,
          payload TEXT NOT NULL, outcome VARCHAR(20) NOT NULL, PRIMARY KEY(provider, event_ref))
        """,
        """
        CREATE TABLE refunds(
          id BIGINT NOT NULL PRIMARY KEY, payment_id BIGINT NOT NULL, order_id BIGINT NOT NULL,
          amount BIGINT NOT NULL, reason VARCHAR(60) NOT NULL, state SMALLINT NOT NULL, provider_ref VARCHAR(80) NULL,
          attempts INT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL, created_at BIGINT NOT NULL, CHECK(amount > 0),
          CONSTRAINT uq_refunds_payment UNIQUE(payment_id))
        """,
        "CREATE INDEX ix_refunds_due ON refunds(state, due_at)",
    ]

    /// What the sandbox provider remembers. It stands for another company's database: only the sandbox touches it.
    private static let sandboxProvider = [
        """
        CREATE TABLE sandbox_intents(
          ref VARCHAR(80) NOT NULL PRIMARY KEY, idem_key VARCHAR(100) NOT NULL, amount BIGINT NOT NULL,
          currency CHAR(3) NOT NULL, label VARCHAR(160) NOT NULL, return_url VARCHAR(300) NOT NULL,
          state VARCHAR(20) NOT NULL, refunded BIGINT NOT NULL DEFAULT 0, settles_at BIGINT NULL,
          created_at BIGINT NOT NULL, CONSTRAINT uq_sandbox_intents UNIQUE(idem_key),
          CHECK(refunded >= 0 AND refunded <= amount))
        """,
        "CREATE INDEX ix_sandbox_intents_settle ON sandbox_intents(settles_at)",
        """
        CREATE TABLE sandbox_refunds(
          idem_key VARCHAR(100) NOT NULL PRIMARY KEY, ref VARCHAR(80) NOT NULL, amount BIGINT NOT NULL,
          created_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE sandbox_deliveries(
          event_ref VARCHAR(80) NOT NULL PRIMARY KEY, payload TEXT NOT NULL, attempts INT NOT NULL DEFAULT 0,
          due_at BIGINT NOT NULL)
        """,
        "CREATE INDEX ix_sandbox_deliveries_due ON sandbox_deliveries(due_at)",
    ]
}
