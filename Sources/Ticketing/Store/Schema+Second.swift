/// The second half of the schema's history. A table whose columns or constraints change in a way that the
/// engines cannot do in place is copied into a new one, which then takes its name.
extension Schema {
    static let tokensByMail = [
        "ALTER TABLE users ADD COLUMN verified_at BIGINT NULL",
        """
        CREATE TABLE user_tokens(
          token_hash CHAR(64) NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL, purpose SMALLINT NOT NULL,
          expires_at BIGINT NOT NULL, used_at BIGINT NULL)
        """,
        "CREATE INDEX ix_user_tokens_user ON user_tokens(user_id, purpose)",
    ]

    /// A standing area is a section without seats. `ga_stock` counts what is left of it, in shards, so that a rush does
    /// not wait for one row.
    static let standingAreas = [
        "ALTER TABLE map_sections ADD COLUMN admission SMALLINT NOT NULL DEFAULT 0",
        "ALTER TABLE map_sections ADD COLUMN capacity INT NOT NULL DEFAULT 0",
        "ALTER TABLE holds ADD COLUMN revision INT NOT NULL DEFAULT 1",
        """
        CREATE TABLE ga_stock(
          event_id BIGINT NOT NULL, section_no INT NOT NULL, shard INT NOT NULL, initial INT NOT NULL,
          remaining INT NOT NULL, PRIMARY KEY(event_id, section_no, shard),
          CHECK(remaining >= 0 AND remaining <= initial))
        """,
        """
        CREATE TABLE hold_items_2(
          hold_id BIGINT NOT NULL, item_no INT NOT NULL, section_no INT NOT NULL, seat_no INT NULL, shard INT NULL,
          tier_no INT NOT NULL, unit_amount BIGINT NOT NULL, unit_fee BIGINT NOT NULL, PRIMARY KEY(hold_id, item_no))
        """,
        """
        INSERT INTO hold_items_2(hold_id, item_no, section_no, seat_no, shard, tier_no, unit_amount, unit_fee)
        SELECT hold_id, item_no, section_no, seat_no, NULL, tier_no, unit_amount, unit_fee FROM hold_items
        """,
        "DROP TABLE hold_items",
        "ALTER TABLE hold_items_2 RENAME TO hold_items",
    ]

    static let vouchers = [
        """
        CREATE TABLE vouchers(
          id BIGINT NOT NULL PRIMARY KEY, event_id BIGINT NOT NULL, code VARCHAR(32) NOT NULL, kind SMALLINT NOT NULL,
          amount BIGINT NOT NULL, max_uses INT NOT NULL, uses INT NOT NULL DEFAULT 0, valid_until BIGINT NULL,
          CONSTRAINT uq_vouchers UNIQUE(event_id, code), CHECK(uses >= 0 AND uses <= max_uses))
        """,
        """
        CREATE TABLE orders_2(
          id BIGINT NOT NULL PRIMARY KEY, code CHAR(10) NOT NULL, event_id BIGINT NOT NULL, user_id BIGINT NULL,
          session_hash CHAR(64) NOT NULL, hold_id BIGINT NOT NULL, email VARCHAR(254) NOT NULL,
          email_norm VARCHAR(254) NOT NULL, holder VARCHAR(120) NOT NULL, holders TEXT NULL, state SMALLINT NOT NULL,
          units INT NOT NULL, currency CHAR(3) NOT NULL, subtotal BIGINT NOT NULL, fees BIGINT NOT NULL,
          discount BIGINT NOT NULL DEFAULT 0, total BIGINT NOT NULL, refunded BIGINT NOT NULL DEFAULT 0,
          voucher_id BIGINT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NULL, paid_at BIGINT NULL,
          closed_at BIGINT NULL, revision INT NOT NULL DEFAULT 1, CONSTRAINT uq_orders_code UNIQUE(code),
          CONSTRAINT uq_orders_hold UNIQUE(hold_id),
          CHECK(total = subtotal + fees - discount AND discount >= 0 AND total >= 0
            AND refunded >= 0 AND refunded <= total))
        """,
        """
        INSERT INTO orders_2(id, code, event_id, user_id, session_hash, hold_id, email, email_norm, holder, state,
          units, currency, subtotal, fees, total, refunded, created_at, expires_at, paid_at, closed_at, revision)
        SELECT id, code, event_id, user_id, session_hash, hold_id, email, email_norm, holder, state, units, currency,
          subtotal, fees, total, refunded, created_at, expires_at, paid_at, closed_at, revision FROM orders
        """,
        "DROP TABLE orders",
        "ALTER TABLE orders_2 RENAME TO orders",
        "CREATE INDEX ix_orders_user ON orders(user_id, created_at)",
        "CREATE INDEX ix_orders_session ON orders(session_hash, created_at)",
        "CREATE INDEX ix_orders_event ON orders(event_id, state, created_at)",
        "CREATE INDEX ix_orders_sweep ON orders(state, expires_at)",
    ]

    /// One refund per payment and reason; a reason names the order's revision, so that asking twice refunds once.
    static let refundsInPart = [
        """
        CREATE TABLE refunds_2(
          id BIGINT NOT NULL PRIMARY KEY, payment_id BIGINT NOT NULL, order_id BIGINT NOT NULL,
          amount BIGINT NOT NULL, reason VARCHAR(60) NOT NULL, state SMALLINT NOT NULL, provider_ref VARCHAR(80) NULL,
          attempts INT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL, created_at BIGINT NOT NULL, CHECK(amount > 0),
          CONSTRAINT uq_refunds_reason UNIQUE(payment_id, reason))
        """,
        """
        INSERT INTO refunds_2(id, payment_id, order_id, amount, reason, state, provider_ref, attempts, due_at,
          created_at)
        SELECT id, payment_id, order_id, amount, reason, state, provider_ref, attempts, due_at, created_at FROM refunds
        """,
        "DROP TABLE refunds",
        "ALTER TABLE refunds_2 RENAME TO refunds",
        "CREATE INDEX ix_refunds_due ON refunds(state, due_at)",
        "CREATE INDEX ix_refunds_order ON refunds(order_id)",
    ]

    static let checkIns = [
        """
        CREATE TABLE tickets_2(
          id BIGINT NOT NULL PRIMARY KEY, order_id BIGINT NOT NULL, item_no INT NOT NULL, event_id BIGINT NOT NULL,
          section_no INT NOT NULL, seat_no INT NULL, tier_no INT NOT NULL, amount BIGINT NOT NULL,
          holder VARCHAR(120) NOT NULL, serial VARCHAR(26) NOT NULL, code VARCHAR(160) NOT NULL,
          state SMALLINT NOT NULL, live_seat INT NULL, used_at BIGINT NULL, used_gate VARCHAR(40) NULL,
          CONSTRAINT uq_tickets_serial UNIQUE(serial), CONSTRAINT uq_tickets_item UNIQUE(order_id, item_no),
          CONSTRAINT uq_tickets_live_seat UNIQUE(event_id, live_seat))
        """,
        """
        INSERT INTO tickets_2(id, order_id, item_no, event_id, section_no, seat_no, tier_no, amount, holder, serial,
          code, state, live_seat)
        SELECT id, order_id, item_no, event_id, section_no, seat_no, tier_no, amount, holder, serial, code, state,
          live_seat FROM tickets
        """,
        "DROP TABLE tickets",
        "ALTER TABLE tickets_2 RENAME TO tickets",
        """
        CREATE TABLE checkins(
          id BIGINT NOT NULL PRIMARY KEY, ticket_id BIGINT NOT NULL, gate VARCHAR(40) NOT NULL,
          result SMALLINT NOT NULL, at BIGINT NOT NULL)
        """,
        "CREATE INDEX ix_checkins_ticket ON checkins(ticket_id)",
    ]

    /// `outbox` is written in the transaction of what it follows from, and a row leaves it in the
    /// transaction of what it leads to. Kind 0 waits, 1 is at work until `due_at`, 2 has been given up.
    static let jobsAndAudit = [
        """
        CREATE TABLE outbox(
          id BIGINT NOT NULL PRIMARY KEY, kind SMALLINT NOT NULL, topic VARCHAR(60) NOT NULL, ref VARCHAR(80) NOT NULL,
          payload TEXT NOT NULL, due_at BIGINT NOT NULL, attempts INT NOT NULL DEFAULT 0, last_error VARCHAR(250) NULL,
          created_at BIGINT NOT NULL)
        """,
        "CREATE INDEX ix_outbox_due ON outbox(kind, due_at)",
        "CREATE TABLE effects(effect_key VARCHAR(120) NOT NULL PRIMARY KEY, at BIGINT NOT NULL)",
        """
        CREATE TABLE audit(
          id BIGINT NOT NULL PRIMARY KEY, actor VARCHAR(60) NOT NULL, action VARCHAR(60) NOT NULL,
          entity VARCHAR(60) NOT NULL, data TEXT NOT NULL, at BIGINT NOT NULL)
        """,
        "CREATE INDEX ix_audit_entity ON audit(entity, at)",
    ]

    /// A row for each turn that was ever taken; it is only locked, by engines with row locks.
    static let visitorTurns = [
        "CREATE TABLE visitor_turns(turn INT NOT NULL PRIMARY KEY)"
    ]

    /// What is forgotten by its age is found by its age. An answer can be longer than MariaDB's `TEXT`: a door's upload
    /// of many scans is.
    static let agesAndLongAnswers = [
        "CREATE INDEX ix_payment_events_age ON payment_events(received_at)",
        "CREATE INDEX ix_audit_age ON audit(at)",
        "CREATE INDEX ix_effects_age ON effects(at)",
        "CREATE INDEX ix_user_tokens_expiry ON user_tokens(expires_at)",
        """
        CREATE TABLE idempotency_2(
          scope VARCHAR(90) NOT NULL, idem_key VARCHAR(100) NOT NULL, request_hash CHAR(64) NOT NULL,
          status SMALLINT NOT NULL, response MEDIUMTEXT NULL, created_at BIGINT NOT NULL, PRIMARY KEY(scope, idem_key))
        """,
        """
        INSERT INTO idempotency_2(scope, idem_key, request_hash, status, response, created_at)
        SELECT scope, idem_key, request_hash, status, response, created_at FROM idempotency
        """,
        "DROP TABLE idempotency",
        "ALTER TABLE idempotency_2 RENAME TO idempotency",
        "CREATE INDEX ix_idempotency_age ON idempotency(created_at)",
    ]

    /// The sandbox forgets by age, too.
    static let agesOfTheSandbox = [
        "CREATE INDEX ix_sandbox_intents_age ON sandbox_intents(created_at)",
        "CREATE INDEX ix_sandbox_refunds_age ON sandbox_refunds(created_at)",
    ]

    /// State 0 is asked for, 1 has gone back, 2 has been given up, and here is why; 3 is on its way at the provider.
    static let refundsGivenUp = ["ALTER TABLE refunds ADD COLUMN last_error VARCHAR(250) NULL"]

    static let notesOfTheSandbox = [
        "ALTER TABLE sandbox_refunds ADD COLUMN note VARCHAR(100) NULL",
        "CREATE INDEX ix_sandbox_refunds_payment ON sandbox_refunds(ref)",
    ]

    /// How often a job was begun since it last ended, in whatever way.
    static let jobsBegun = ["ALTER TABLE outbox ADD COLUMN begun INT NOT NULL DEFAULT 0"]

    /// How often a buyer was mailed about an event.
    static let mailsOfBuyers = [
        "ALTER TABLE buyer_quota ADD COLUMN ticket_mails INT NOT NULL DEFAULT 0",
        "ALTER TABLE buyer_quota ADD COLUMN reminder_mails INT NOT NULL DEFAULT 0",
    ]

    static let triesOfVouchers = [
        """
        CREATE TABLE voucher_tries(
          who VARCHAR(80) NOT NULL PRIMARY KEY, tries INT NOT NULL, ends_at BIGINT NOT NULL)
        """,
        "CREATE INDEX ix_voucher_tries_age ON voucher_tries(ends_at)",
    ]

    /// When a provider was last asked about a payment. A refund's name is looked for when the provider speaks of it.
    static let paymentsAskedAbout = [
        "ALTER TABLE payments ADD COLUMN asked_at BIGINT NULL",
        "CREATE INDEX ix_refunds_provider ON refunds(provider_ref)",
    ]

    /// Lists show events in the order of their beginning.
    static let eventsByTime = ["CREATE INDEX ix_events_start ON events(starts_at, id)"]

    /// Whether a provider has said of a payment that it stays as it is.
    static let lastWordsOnPayments = [
        "ALTER TABLE payments ADD COLUMN is_final SMALLINT NOT NULL DEFAULT 0"
    ]
}
