/// Finds frames in the bytes of a connection, so that each can be judged before the session reads it.
///
/// Pure: it is told bytes and says where frames begin and end. Nothing is kept but nine bytes of a header and the
/// first few of a payload.
struct FrameScanner {
    /// A run of bytes to hand on, and the frame whose header, or beginning of payload, is complete with it.
    struct Step {
        /// Bytes to take from the front of what was given.
        var length: Int
        /// The frame whose header ends in these bytes.
        var frame: FrameHeader?
        /// The frame whose dependency ends in these bytes, and the stream that it names.
        var dependency: (frame: FrameHeader, on: Int32)?
    }

    private enum State {
        /// Before the end of the client's preface. Can transition to: `header`.
        case preface(left: Int)
        /// Inside the nine bytes before a frame. Can transition to: `payload`.
        case header
        /// Inside a payload. Can transition to: `header`.
        case payload(left: Int)
    }

    private var state: State
    private var header: [UInt8] = []
    private var frame: FrameHeader?
    private var probe: [UInt8] = []

    init(expectsPreface: Bool) {
        state = expectsPreface ? .preface(left: HTTP2Session.preface.utf8CodeUnitCount) : .header
    }

    /// Whether a frame, or the preface, has begun and is not complete. Content may take its time: whoever reads it
    /// looks at its pace.
    var isInsideFrame: Bool {
        switch state {
        case .preface: true
        case .header: !header.isEmpty
        case .payload: frame?.kind != .data
        }
    }

    /// Gives memory back between frames.
    mutating func rest() {
        guard case .header = state, header.isEmpty else { return }
        header = []
        probe = []
    }

    /// One step over bytes that are not empty: to the end of a frame, or of the bytes.
    mutating func step(_ bytes: ByteView) -> Step {
        switch state {
        case .preface(let left):
            let taken = min(left, bytes.count)
            state = taken == left ? .header : .preface(left: left - taken)
            return Step(length: taken)
        case .header:
            return readHeader(bytes)
        case .payload(let left):
            return readPayload(bytes, left, Step(length: 0))
        }
    }

    private mutating func readHeader(_ bytes: ByteView) -> Step {
        let taken = min(FrameHeader.byteCount - header.count, bytes.count)
        let present: FrameHeader
        if taken == FrameHeader.byteCount {
            present = FrameHeader(bytes.prefix(taken))
        } else {
            for index in 0..<taken { header.append(bytes[index]) }
            guard header.count == FrameHeader.byteCount else { return Step(length: taken) }
            present = unsafe header.withUnsafeBytes { unsafe FrameHeader(ByteView($0)) }
            header.removeAll(keepingCapacity: true)
        }
        frame = present
        probe.removeAll(keepingCapacity: true)
        return readPayload(bytes, present.length, Step(length: taken, frame: present))
    }

    private mutating func readPayload(_ bytes: ByteView, _ left: Int, _ step: Step) -> Step {
        var step = step
        let taken = min(left, bytes.count - step.length)
        if let frame, probe.count < frame.probeCount {
            let wanted = min(taken, frame.probeCount - probe.count)
            for index in 0..<wanted { probe.append(bytes[step.length + index]) }
            if probe.count == frame.probeCount { step.dependency = (frame, dependency) }
        }
        step.length += taken
        state = taken == left ? .header : .payload(left: left - taken)
        return step
    }

    private var dependency: Int32 {
        unsafe probe.withUnsafeBytes {
            unsafe FrameHeader.streamID(ByteView($0).dropFirst($0.count - 4))
        }
    }
}
