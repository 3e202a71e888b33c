extension Configuration {
    /// Which country clients come from, for limits, rules and logs.
    struct GeoIP: Sendable, Equatable {
        /// A database in MaxMind's format (`.mmdb`). Default null: countries are not known. Read again at each reload;
        /// replace it by renaming, as the vendors' updaters do.
        var database: String?
    }
}
