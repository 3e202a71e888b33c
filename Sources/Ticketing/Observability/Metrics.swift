import Synchronization

/// Counters and durations, read as Prometheus text.
final class Metrics: Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: String
    }

    private struct Counter {
        var value = 0
        let pairs: [(String, String)]
    }

    private struct Histogram {
        var counts = [Int](repeating: 0, count: Metrics.boundsMilliseconds.count)
        var count = 0
        var sumMilliseconds: Milliseconds = 0
        let pairs: [(String, String)]
    }

    private struct State {
        var counters: [Series: Counter] = [:]
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
            state.counters[series, default: Counter(pairs: Self.pairs(labels))].value += amount
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
            var histogram = state.histograms[series] ?? Histogram(pairs: Self.pairs(labels))
            for (index, bound) in Self.boundsMilliseconds.enumerated() where milliseconds <= bound {
                histogram.counts[index] += 1
            }
            histogram.count += 1
            histogram.sumMilliseconds += milliseconds
            state.histograms[series] = histogram
        }
    }

    /// All series in the text format of Prometheus, with figures that somebody else keeps.
    func exposition(adding figures: [Figure] = []) -> String {
        let state = state.withLock { $0 }
        var lines: [String] = []
        for figure in figures {
            lines += Self.heading(figure.name, figure.kind.rawValue)
            lines.append("\(figure.name) \(figure.value)")
        }
        for (name, group) in Dictionary(grouping: state.counters, by: \.key.name).sorted(by: {
            $0.key < $1.key
        }) {
            lines += Self.heading(name, "counter")
            lines += group.map { "\(name)\($0.key.labels) \($0.value.value)" }.sorted()
        }
        for (name, group) in Dictionary(grouping: state.histograms, by: \.key.name).sorted(by: {
            $0.key < $1.key
        }) {
            lines += Self.heading(name, "histogram")
            for (series, histogram) in group { lines += Self.lines(name, series.labels, histogram) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func heading(_ name: String, _ kind: String) -> [String] {
        ["# HELP \(name) \(help[name] ?? "")", "# TYPE \(name) \(kind)"]
    }

    /// All series as OpenTelemetry wants them, counted from `start`.
    func points(
        from start: Milliseconds,
        to now: Milliseconds,
        adding figures: [Figure] = []
    ) -> [OTLPDocument.Metric] {
        let state = state.withLock { $0 }
        let (start, now) = (OTLPDocument.nanoseconds(start), OTLPDocument.nanoseconds(now))
        var metrics = figures.map { Self.metric($0, from: start, to: now) }
        for (name, group) in Dictionary(grouping: state.counters, by: \.key.name) {
            let points = group.map { _, counter in
                OTLPDocument.Metric.Count(
                    attributes: counter.pairs.map { OTLPDocument.Attribute($0, $1) },
                    startTimeUnixNano: start,
                    timeUnixNano: now,
                    asInt: String(counter.value)
                )
            }
            metrics.append(.init(name: name, unit: "1", sum: .init(dataPoints: points)))
        }
        for (name, group) in Dictionary(grouping: state.histograms, by: \.key.name) {
            let points = group.map { Self.point($0.value, from: start, to: now) }
            metrics.append(.init(name: name, unit: "s", histogram: .init(dataPoints: points)))
        }
        return metrics.sorted { $0.name < $1.name }
    }

    private static func metric(_ figure: Figure, from start: String, to now: String)
        -> OTLPDocument.Metric
    {
        let point = OTLPDocument.Metric.Count(
            attributes: [],
            startTimeUnixNano: figure.kind == .counter ? start : nil,
            timeUnixNano: now,
            asInt: String(figure.value)
        )
        var metric = OTLPDocument.Metric(name: figure.name, unit: figure.unit)
        switch figure.kind {
        case .counter: metric.sum = .init(dataPoints: [point])
        case .gauge: metric.gauge = .init(dataPoints: [point])
        }
        return metric
    }

    /// Ours count what is at most a bound; theirs what lies between two.
    private static func point(_ histogram: Histogram, from start: String, to now: String)
        -> OTLPDocument.Metric.Distribution
    {
        let upTo = histogram.counts + [histogram.count]
        let between = zip(upTo, [0] + upTo).map { String($0 - $1) }
        return .init(
            attributes: histogram.pairs.map { OTLPDocument.Attribute($0, $1) },
            startTimeUnixNano: start,
            timeUnixNano: now,
            count: String(histogram.count),
            sum: Double(histogram.sumMilliseconds) / 1000,
            bucketCounts: between,
            explicitBounds: boundsMilliseconds.map { Double($0) / 1000 }
        )
    }

    private static func pairs(_ labels: KeyValuePairs<String, String>) -> [(String, String)] {
        labels.map { ($0.key, $0.value) }
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

    private static func isSpecial(_ byte: UInt8) -> Bool {
        [UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "\n")].contains(byte)
    }

    private static func text(_ labels: KeyValuePairs<String, String>) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { label, value in
            guard value.utf8.contains(where: isSpecial) else {
                return "\(label)=\"\(value)\""
            }
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
