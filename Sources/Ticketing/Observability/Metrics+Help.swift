extension Metrics {
    /// What each metric is, in the words of who looks at it.
    static let help = [
        "bookme_commits_total": "Transactions committed.",
        "bookme_database_up": "Whether the database answers.",
        "bookme_expired_total": "Holds and orders whose time was over.",
        "bookme_holds_total": "Holds asked for, by outcome.",
        "bookme_http_request_seconds": "Time to answer, by route.",
        "bookme_http_requests_total": "Requests answered.",
        "bookme_jobs_dead": "Jobs that failed too often and wait for people.",
        "bookme_jobs_oldest_due_seconds":
            "For how long the oldest job has been due that no worker has taken.",
        "bookme_jobs_total": "Jobs done, failed and given up, by topic.",
        "bookme_jobs_waiting": "Jobs that are due and not begun.",
        "bookme_live_viewers": "Viewers of live seat maps.",
        "bookme_logins_total": "Sign-ins that succeeded.",
        "bookme_orders_total": "Orders that were made and what became of them.",
        "bookme_payments_declined_total": "Payments that were declined.",
        "bookme_reconcile_failures_total": "Payments that the provider could not be asked about.",
        "bookme_refunds_dead": "Refunds that were given up and wait for people.",
        "bookme_refunds_on_their_way": "Refunds that the provider has in hand.",
        "bookme_refunds_total": "Refunds returned, postponed and given up.",
        "bookme_refunds_waiting": "Refunds that the provider has not been told of yet.",
        "bookme_webhooks_total": "Messages of the payment provider.",
        "bookme_writes_refused_total": "Writes turned away because too many waited.",
        "bookme_writes_total": "Writes that shared the commits.",
        "bookme_writes_waiting": "Writes that wait for a commit.",
    ]
}
