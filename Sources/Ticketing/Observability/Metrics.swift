import Synchronization

/// Counters and durations, read as Prometheus text.
final class Metrics: Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: String
    }

    private struct Histogram {
        var counts = [Int](repeating: 0, count: Metrics.boundsMilliseconds.count)
        var count = 0
        var sumMilliseconds: Milliseconds = 0
    }

    private struct State {
        var counters: [Series: Int] = [:]
        var histograms: [Series: Histogram] = [:]
    }

    private static let boundsMilliseconds: [Milliseconds] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000,
    ]
    /// Labels come from our own routes and outcomes; the limit is for the day one of them does not.
    private static let seriesLimit = 2000

    private let state = Mutex(State())

    /// Adds to a counter.
    func count(_ name: String, _ labels: KeyValuePairs<String, String> = [:], by amount: Int = 1) {
        guard amount != 0 else { return }
        let series = Series(name: name, labels: Self.text(labels))
        state.withLock { state in
            guard state.counters[series] != nil || state.counters.count < Self.seriesLimit else {
                return
            }
            state.counters[series, default: 0] += amount
        }
    }

    /// Notes how long something took.
    func observe(
        _ name: String,
        _ labels: KeyValuePairs<String, String>,
        milliseconds: Milliseconds
    ) {
        let series = Series(name: name, labels: Self.text(labels))
        state.withLock { state in
            guard state.histograms[series] != nil || state.histograms.count < Self.seriesLimit
            else { return }
            var histogram = state.histograms[series] ?? Histogram()
            for (index, bound) in Self.boundsMilliseconds.enumerated() where milliseconds <= bound {
                histogram.counts[index] += 1
            }
            histogram.count += 1
            histogram.sumMilliseconds += milliseconds
            state.histograms[series] = histogram
        }
    }

    /// All series in the text format of Prometheus, with counters that somebody else keeps.
    func exposition(adding counters: KeyValuePairs<String, Int> = [:]) -> String {
        let state = state.withLock { $0 }
        var lines: [String] = []
        for (name, value) in counters { lines += ["# TYPE \(name) counter", "\(name) \(value)"] }
        for (name, group) in Dictionary(grouping: state.counters, by: \.key.name).sorted(by: {
            $0.key < $1.key
        }) {
            lines.append("# TYPE \(name) counter")
            lines += group.map { "\(name)\($0.key.labels) \($0.value)" }.sorted()
        }
        for (name, group) in Dictionary(grouping: state.histograms, by: \.key.name).sorted(by: {
            $0.key < $1.key
        }) {
            lines.append("# TYPE \(name) histogram")
            for (series, histogram) in group { lines += Self.lines(name, series.labels, histogram) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ name: String, _ labels: String, _ histogram: Histogram) -> [String] {
        let inner = labels.isEmpty ? "" : labels.dropFirst().dropLast() + ","
        var lines = zip(boundsMilliseconds, histogram.counts).map { bound, count in
            "\(name)_bucket{\(inner)le=\"\(seconds(bound))\"} \(count)"
        }
        lines.append("\(name)_bucket{\(inner)le=\"+Inf\"} \(histogram.count)")
        lines.append("\(name)_sum\(labels) \(seconds(histogram.sumMilliseconds))")
        lines.append("\(name)_count\(labels) \(histogram.count)")
        return lines
    }

    private static func seconds(_ milliseconds: Milliseconds) -> String {
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    private static func text(_ labels: KeyValuePairs<String, String>) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { label, value in
            let escaped = value.map { character in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }
            return "\(label)=\"\(escaped.joined())\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }
}
