/// A seat map as the house sends it.
struct MapImport: Decodable, Sendable {
    struct Venue: Decodable, Sendable {
        let slug: String
        let name: String
        let city: String
        let tz: String
        /// Whether name, city and time zone take the place of those that are known.
        var replace: Bool?
    }

    struct Section: Decodable, Sendable {
        let code: String
        let name: String
        /// Rows of seats from the stage backwards; absent for a standing area.
        let rows: [Row]?
        /// How many people a standing area takes.
        let standing: Int?
    }

    struct Row: Decodable, Sendable {
        let row: String
        let seats: [String]
        /// Tenths of a metre from the top left corner of the section's drawing; a plain grid if absent.
        let x: [Int]?
        let y: [Int]?
    }

    let venue: Venue
    let sections: [Section]

    private static let seatLimit = 100_000
    /// A kilometre and a half: drawings stay drawings.
    private static let places = 0...15_000

    /// The map without blanks around its names.
    var trimmed: MapImport {
        MapImport(
            venue: Venue(
                slug: venue.slug,
                name: venue.name.trimmed,
                city: venue.city.trimmed,
                tz: venue.tz,
                replace: venue.replace
            ),
            sections: sections.map { section in
                Section(
                    code: section.code.trimmed,
                    name: section.name.trimmed,
                    rows: section.rows?.map { row in
                        Row(
                            row: row.row.trimmed,
                            seats: row.seats.map(\.trimmed),
                            x: row.x,
                            y: row.y
                        )
                    },
                    standing: section.standing
                )
            }
        )
    }

    /// Throws `invalid-body` if the map is not one that seats can be sold from, `invalid-text` for names that cannot be
    /// printed.
    func check() throws(Problem) {
        guard venue.name.isPrintable else { throw .invalidText("venue.name") }
        guard venue.city.isPrintable else { throw .invalidText("venue.city") }
        guard Self.isSlug(venue.slug), (1...120).contains(venue.name.utf8.count),
            (1...80).contains(venue.city.utf8.count), (1...40).contains(venue.tz.utf8.count),
            LocalTime.isKnown(venue.tz)
        else { throw .invalidBody("venue has a slug, a name, a city and a time zone") }
        guard (1...500).contains(sections.count), Set(sections.map(\.code)).count == sections.count
        else { throw .invalidBody("sections are 1 to 500, each with a code of its own") }
        var count = 0
        for section in sections {
            try check(section)
            count += section.rows?.reduce(0) { $0 + $1.seats.count } ?? 0
        }
        guard count <= Self.seatLimit else { throw .invalidBody("too many seats") }
    }

    private func check(_ section: Section) throws(Problem) {
        let labels = section.rows?.flatMap { [$0.row] + $0.seats } ?? []
        guard ([section.code, section.name] + labels).allSatisfy(\.isPrintable) else {
            throw .invalidText("sections")
        }
        guard (1...16).contains(section.code.utf8.count), (1...80).contains(section.name.utf8.count)
        else { throw .invalidBody("a section has a code and a name") }
        switch (section.rows, section.standing) {
        case (nil, let places?):
            guard (1...1_000_000).contains(places) else {
                throw .invalidBody("standing is 1 to 1,000,000")
            }
        case (let rows?, nil):
            let places = rows.flatMap { row in row.seats.map { "\(row.row) \($0)" } }
            guard !places.isEmpty, Set(places).count == places.count,
                rows.allSatisfy({ row in
                    (1...8).contains(row.row.utf8.count)
                        && row.seats.allSatisfy { (1...8).contains($0.utf8.count) }
                        && [row.x, row.y].allSatisfy { places in
                            places.map {
                                $0.count == row.seats.count
                                    && $0.allSatisfy(Self.places.contains)
                            } ?? true
                        }
                })
            else {
                throw .invalidBody("section \(section.code) names or puts a seat badly or twice")
            }
        default: throw .invalidBody("section \(section.code) has either rows or standing")
        }
    }

    /// Lower-case letters, digits and hyphens, 1 to 80.
    static func isSlug(_ text: String) -> Bool {
        (1...80).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }

    /// Writes the venue, if it is new, and the map as its next revision. Returns the map's id and revision.
    func insert(_ mint: IdentifierMint, _ connection: SQLConnection) throws -> (
        id: Int64, revision: Int
    ) {
        try connection.run(
            "INSERT OR IGNORE INTO venues(id, slug, name, city, tz) VALUES(?, ?, ?, ?, ?)",
            [mint.next(), venue.slug, venue.name, venue.city, venue.tz]
        )
        let known = try venueId(connection)
        let last = try connection.first(
            "SELECT COALESCE(MAX(revision), 0) FROM seat_maps WHERE venue_id = ?",
            [known]
        ) { try $0.int(0) }
        let map = mint.next()
        let revision = (last ?? 0) + 1
        try connection.run(
            "INSERT INTO seat_maps(id, venue_id, revision) VALUES(?, ?, ?)",
            [map, known, revision]
        )
        var seat = 0
        for (number, section) in sections.enumerated() {
            seat = try insert(section, number: number, map: map, firstSeat: seat, connection)
        }
        return (map, revision)
    }

    /// The venue's id. Its row is kept until the commit, so that two imports take two revisions.
    ///
    /// Throws `venue-differs` if another name, city or time zone is known and is not to be replaced: by the zone people
    /// read when events begin that are on sale already.
    private func venueId(_ connection: SQLConnection) throws -> Int64 {
        let known = try connection.first(
            "SELECT id, name, city, tz FROM venues WHERE slug = ?\(connection.dialect.forUpdate)",
            [venue.slug]
        ) { (id: try $0.integer(0), words: [try $0.text(1), try $0.text(2), try $0.text(3)]) }
        guard let known else { throw SQLError.inconsistent("a venue that was not kept") }
        if known.words == [venue.name, venue.city, venue.tz] { return known.id }
        guard venue.replace == true else {
            throw Problem.venueDiffers("\(venue.slug) is \(known.words.joined(separator: ", "))")
        }
        try connection.run(
            "UPDATE venues SET name = ?, city = ?, tz = ? WHERE id = ?",
            [venue.name, venue.city, venue.tz, known.id]
        )
        return known.id
    }

    private func insert(
        _ section: Section,
        number: Int,
        map: Int64,
        firstSeat: Int,
        _ connection: SQLConnection
    ) throws -> Int {
        let rows = section.rows ?? []
        let count = rows.reduce(0) { $0 + $1.seats.count }
        try connection.run(
            """
            INSERT INTO map_sections(map_id, section_no, code, name, first_seat, seat_count, admission, capacity)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                map, number, section.code, section.name, firstSeat, count,
                section.standing == nil ? 0 : 1, section.standing ?? 0,
            ]
        )
        var seat = firstSeat
        for (depth, row) in rows.enumerated() {
            for (column, label) in row.seats.enumerated() {
                try connection.run(
                    """
                    INSERT INTO map_seats(map_id, seat_no, section_no, row_label, seat_label, x, y)
                    VALUES(?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        map, seat, number, row.row, label, row.x?[column] ?? column * 10 + 5,
                        row.y?[column] ?? depth * VenuePlan.rowPitch + 5,
                    ]
                )
                seat += 1
            }
        }
        return seat
    }
}
