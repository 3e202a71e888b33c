import ArgumentParser
import Glibc
import Transport

/// `haniel room`: what the rooms of a running gateway do, and how to change it.
struct Room: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the waiting rooms of a running gateway, and change them.",
        discussion: """
            Changes are in force at once, for all gateways that share the room, and stay until they are given back \
            with `default`; the configuration file is not written. Each is noted in the log with who made it.
            """,
        subcommands: [
            List.self, Show.self, Open.self, Pause.self, Drain.self, Set.self, Invite.self,
            Watch.self,
            Words.self,
        ]
    )

    struct Connection: ParsableArguments {
        @Option(
            name: .long,
            help: ArgumentHelp("Admin address of the gateway.", valueName: "address")
        )
        var admin = "127.0.0.1:9900"

        @Option(
            name: .customLong("as"),
            help: ArgumentHelp(
                "Who asks, for the log; default is the user's name.",
                valueName: "name"
            )
        )
        var name: String?

        var client: AdminClient { AdminClient(address: admin, operatorName: name) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All rooms, one line each.")
        @OptionGroup var connection: Connection

        func run() throws { print(RoomTable.text(try connection.client.rooms())) }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Everything known of one room (JSON)."
        )
        @OptionGroup var connection: Connection
        @Argument var room: String

        func run() throws { print(try connection.client.get("/rooms/\(room)")) }
    }

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let people in as the configuration says."
        )
        @OptionGroup var connection: Connection
        @Argument var room: String

        func run() throws { try connection.change(room, "mode=auto") }
    }

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Admit nobody new; places are kept and sessions go on."
        )
        @OptionGroup var connection: Connection
        @Argument var room: String

        func run() throws { try connection.change(room, "mode=pause") }
    }

    struct Drain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take no newcomers; those in line go on."
        )
        @OptionGroup var connection: Connection
        @Argument var room: String

        func run() throws { try connection.change(room, "mode=drain") }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change capacity, rate, burst, session or mode.",
            discussion:
                "For example: haniel room set onsale capacity=200 rate=20/s session=30m burst=default"
        )
        @OptionGroup var connection: Connection
        @Argument var room: String
        @Argument(help: ArgumentHelp("KEY=VALUE", valueName: "change")) var changes: [String]

        func run() throws { try connection.change(room, changes.joined(separator: "&")) }
    }

    struct Invite: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make invitations, whose holders go before the line.",
            discussion: "A holder opens any page of the room with ?wr_invite=TEXT."
        )
        @OptionGroup var connection: Connection
        @Argument var room: String
        @Option(help: "How many.") var count = 1
        @Option(help: "How many visitors may come in with each.") var uses = 1
        @Option(help: "For how many hours they are good.") var hours = 24

        func validate() throws {
            let options = [
                ("count", count, 1...1_000), ("uses", uses, 1...1_000_000),
                ("hours", hours, 1...8_760),
            ]
            for (name, value, range) in options where !range.contains(value) {
                throw ValidationError(
                    "--\(name) has to be \(range.lowerBound) to \(range.upperBound)"
                )
            }
        }

        func run() throws {
            let query = "count=\(count)&uses=\(uses)&seconds=\(hours * 3_600)"
            let list = try connection.client.post("/rooms/\(room)/invite?\(query)")
            for text in list.split(separator: "\"") where text.hasPrefix("i1.") { print(text) }
        }
    }

    struct Watch: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All rooms, again every second, until interrupted."
        )
        @OptionGroup var connection: Connection

        func run() throws {
            while true {
                print("\u{1B}[H\u{1B}[2J" + RoomTable.text(try connection.client.rooms()))
                AdminClient.waitASecond()
            }
        }
    }

    struct Words: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the page's words, one file per language, to be edited.",
            discussion: "Name the directory as `pages` of a room. Files that are there are kept."
        )
        @Argument var directory: String

        func run() throws {
            guard unsafe mkdir(directory, 0o755) == 0 || errno == EEXIST else {
                throw SystemError(call: "mkdir \(directory)", code: errno)
            }
            for language in WaitingLanguage.all {
                let path = "\(directory)/\(language.code).txt"
                if TextFile.create(path, language.text) {
                    print("wrote \(path)")
                } else if errno == EEXIST {
                    print("kept \(path)")
                } else {
                    throw SystemError(call: "write \(path)", code: errno)
                }
            }
        }
    }
}

extension Room.Connection {
    fileprivate func change(_ room: String, _ query: String) throws {
        print(RoomTable.text("[" + (try client.post("/rooms/\(room)?\(query)")) + "]"))
    }
}

/// Rooms as lines of text.
enum RoomTable {
    private static let columns = [
        "room", "mode", "state", "waiting", "parked", "inside", "capacity", "rate", "session",
        "wait",
        "admitted",
        "no_shows", "cheats",
    ]

    /// A table of the objects in a list of JSON that this program wrote.
    static func text(_ json: String) -> String {
        let rows = [columns] + json.split(separator: "}").compactMap(row)
        let widths = columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { index in
                row[index] + String(repeating: " ", count: widths[index] - row[index].count)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func row(_ object: Substring) -> [String]? {
        guard let start = object.firstIndex(of: "{") else { return nil }
        let members = object[object.index(after: start)...].split(separator: ",")
        var values: [Substring: Substring] = [:]
        for member in members {
            guard let colon = member.firstIndex(of: ":") else { continue }
            values[member[..<colon].drop { $0 == "\"" }.prefix { $0 != "\"" }] =
                member[member.index(after: colon)...].drop { $0 == "\"" }.prefix { $0 != "\"" }
        }
        return columns.map { String(values[$0[...]] ?? "") }
    }
}
