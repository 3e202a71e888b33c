import FoundationEssentials

/// The bodies of OpenTelemetry's protocol over HTTP (OTLP 1.x, JSON).
enum OTLPDocument {
    struct Attribute: Encodable {
        struct Value: Encodable {
            var stringValue: String?
            /// 64-bit integers are texts in this protocol.
            var intValue: String?
        }

        let key: String
        let value: Value

        init(_ key: String, _ value: String) {
            self.key = key
            self.value = Value(stringValue: value)
        }

        init(_ key: String, _ value: Int) {
            self.key = key
            self.value = Value(intValue: String(value))
        }
    }

    struct Resource: Encodable {
        let attributes: [Attribute]
    }

    struct Scope: Encodable {
        let name = "bookme"
        let version = Version.text
    }

    struct Metric: Encodable {
        struct Count: Encodable {
            let attributes: [Attribute]
            /// Since when it counts; nil for what does not count but stands as it is.
            let startTimeUnixNano: String?
            let timeUnixNano: String
            let asInt: String
        }

        struct Sum: Encodable {
            /// Cumulative.
            let aggregationTemporality = 2
            let isMonotonic = true
            let dataPoints: [Count]
        }

        struct Gauge: Encodable {
            let dataPoints: [Count]
        }

        struct Distribution: Encodable {
            let attributes: [Attribute]
            let startTimeUnixNano: String
            let timeUnixNano: String
            let count: String
            let sum: Double
            let bucketCounts: [String]
            let explicitBounds: [Double]
        }

        struct Histogram: Encodable {
            let aggregationTemporality = 2
            let dataPoints: [Distribution]
        }

        let name: String
        let unit: String
        var sum: Sum?
        var gauge: Gauge?
        var histogram: Histogram?
    }

    struct Span: Encodable {
        struct Status: Encodable {
            /// 0 unset, 2 error.
            let code: Int
        }

        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        /// A server's.
        let kind = 2
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [Attribute]
        let status: Status
    }

    private struct Metrics: Encodable {
        struct InResource: Encodable {
            struct InScope: Encodable {
                let scope = Scope()
                let metrics: [Metric]
            }

            let resource: Resource
            let scopeMetrics: [InScope]
        }

        let resourceMetrics: [InResource]
    }

    private struct Traces: Encodable {
        struct InResource: Encodable {
            struct InScope: Encodable {
                let scope = Scope()
                let spans: [Span]
            }

            let resource: Resource
            let scopeSpans: [InScope]
        }

        let resourceSpans: [InResource]
    }

    /// The body of `v1/metrics`.
    static func metrics(_ metrics: [Metric], of resource: Resource) -> [UInt8] {
        let scoped = Metrics.InResource(resource: resource, scopeMetrics: [.init(metrics: metrics)])
        return encode(Metrics(resourceMetrics: [scoped]))
    }

    /// The body of `v1/traces`.
    static func traces(_ spans: [TraceSpan], of resource: Resource) -> [UInt8] {
        let spans = spans.map { span in
            Span(
                traceId: span.trace,
                spanId: span.id,
                parentSpanId: span.parent,
                name: span.name,
                startTimeUnixNano: nanoseconds(span.startedAt),
                endTimeUnixNano: nanoseconds(span.endedAt),
                attributes: [
                    Attribute("http.request.method", span.method),
                    Attribute("http.response.status_code", span.status),
                ],
                status: .init(code: span.status >= 500 ? 2 : 0)
            )
        }
        let scoped = Traces.InResource(resource: resource, scopeSpans: [.init(spans: spans)])
        return encode(Traces(resourceSpans: [scoped]))
    }

    static func nanoseconds(_ moment: Milliseconds) -> String { "\(moment)000000" }

    private static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { Array($0) } ?? Array("{}".utf8)
    }
}
