import CNghttp2

/// What nghttp2 tells, turned into what the connection is told.
extension HTTP2Session {
    // MARK: Header blocks

    func beginBlock(of id: Int32) -> Int32 {
        current = nil
        let stream: HTTP2Stream
        if let present = streams[id] {
            stream = present
        } else if !isServer {
            // A stream that nobody waits for any more.
            return 0
        } else {
            lastStream = max(lastStream, id)
            guard allHeadBytes < limits.allHeadBytes, let opened = owner.openStream() else {
                refuse(id)
                return 0
            }
            stream = opened
            stream.id = id
            stream.isInSession = true
            streams[id] = stream
        }
        let block = block ?? HeaderBlockReader()
        self.block = block
        if stream.hasHead {
            let trailers = FieldSection()
            stream.trailers = trailers
            block.begin(.trailers, into: trailers, limits: ChunkedDecoder.trailerLimits)
        } else {
            if !isServer { stream.fields.removeAll() }
            block.begin(stream.openingBlock, into: stream.fields, limits: limits.head)
        }
        current = stream
        return 0
    }

    private func refuse(_ id: Int32) {
        note(.refusedStream)
        departed.insert(id, wasResetByUs: true)
        _ = unsafe nghttp2_submit_rst_stream(
            session,
            UInt8(NGHTTP2_FLAG_NONE.rawValue),
            id,
            HTTP2ErrorCode.refusedStream.rawValue
        )
    }

    /// nghttp2's error once the rest of the block is of no interest: it is still unpacked, but not told of any more.
    func readField(_ name: ByteView, _ value: ByteView) -> Int32 {
        guard current != nil, let block else { return 0 }
        block.read(name: name, value: value)
        guard block.isBeyondReason else { return 0 }
        terminate(.enhanceYourCalm)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }

    private func finishBlock(endsStream: Bool) {
        guard let stream = current, let block else { return }
        current = nil
        if stream.hasHead {
            // Trailers end the message; a block that does not is nobody's.
            guard endsStream, block.fault == nil, stream.closeCode == nil else {
                return fault(stream)
            }
            return
        }
        block.finish()
        guard stream.closeCode == nil else { return }
        stream.headBytes = stream.fields.table.storageCount
        allHeadBytes += stream.headBytes
        do throws(HeaderBlockFault) {
            try stream.complete(block, endsStream: endsStream)
            // An interim head leaves the place to the final one.
            stream.hasHead = !stream.isInterim
            stream.isRemoteEnded = endsStream
            if isServer { setPriority(of: stream) }
            owner.receivedHead(of: stream)
        } catch {
            switch error {
            case .malformed: fault(stream)
            case .refused(let error):
                stream.hasHead = true
                note(.refusedHead)
                owner.refusedHead(of: stream, error)
            }
        }
    }

    // MARK: Frames

    func received(_ kind: FrameHeader.Kind, on id: Int32, endsStream: Bool) {
        switch kind {
        case .headers:
            finishBlock(endsStream: endsStream)
            if endsStream { endRemote(id) }
        case .data: if endsStream { endRemote(id) }
        case .reset:
            note(.reset)
            streams[id]?.wasResetByPeer = true
        case .goAway: isPeerGoingAway = true
        default: break
        }
    }

    private func endRemote(_ id: Int32) {
        guard let stream = streams[id], stream.closeCode == nil else { return }
        // Compared before anybody is told: content that is shorter than declared has no end.
        guard stream.hasHead, stream.declaredBytes ?? stream.arrivedBytes == stream.arrivedBytes
        else { return fault(stream) }
        stream.isRemoteEnded = true
        stream.noticeReceived()
    }

    func receivedContent(_ bytes: ByteView, on id: Int32) {
        guard let stream = streams[id], stream.closeCode == nil else {
            _ = unsafe nghttp2_session_consume(session, id, bytes.count)
            return
        }
        guard stream.hasHead else {
            // Content comes behind a final head, not before it.
            _ = unsafe nghttp2_session_consume(session, id, bytes.count)
            return fault(stream)
        }
        stream.arrivedBytes += bytes.count
        if let declared = stream.declaredBytes, stream.arrivedBytes > declared {
            _ = unsafe nghttp2_session_consume(session, id, bytes.count)
            return fault(stream)
        }
        stream.received.append(bytes)
        stream.noticeReceived()
    }

    func closed(_ id: Int32, _ code: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        let hadEnded = stream.isRemoteEnded && code == 0
        departed.insert(id, wasResetByUs: !stream.wasResetByPeer && !hadEnded)
        allHeadBytes -= stream.headBytes
        if current === stream { current = nil }
        // A setting that makes a window too wide is a fault of the connection (RFC 9113 section 6.9.2); nghttp2
        // resets the streams alone.
        if code == HTTP2ErrorCode.flowControlError.rawValue, !stream.wasResetByPeer {
            terminate(.flowControlError)
        }
        stream.isInSession = false
        if stream.closeCode == nil {
            stream.closeCode = HTTP2ErrorCode(rawValue: code) ?? .internalError
            stream.noticeClosed()
        }
        // What nobody will consume any more would narrow the connection's window for good.
        _ = unsafe nghttp2_session_consume_connection(session, stream.received.count)
        owner.closed(stream)
    }

    // MARK: Content to send

    /// How many bytes the next frame takes, with nghttp2's flags.
    func nextContent(of stream: HTTP2Stream, limit: Int) -> (Int, UInt32) {
        let count = min(stream.pending.count, min(limit, Self.frameBytes))
        var flags = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        guard stream.pendingIsLast, count == stream.pending.count else {
            guard count > 0 else {
                stream.isDeferred = true
                return (Int(NGHTTP2_ERR_DEFERRED.rawValue), 0)
            }
            stream.plan(count)
            return (count, flags)
        }
        flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if let trailers = stream.pendingTrailers {
            flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            submitTrailers(trailers, on: stream)
            if count == 0 {
                // No frame may come of this at all.
                stream.isLocalEnded = true
                stream.noticeSent()
                return (count, flags)
            }
        }
        stream.plan(count)
        return (count, flags)
    }

    /// Writes one DATA frame; nghttp2's error if it cannot be written now, or not at all.
    func write(_ header: ByteView, _ length: Int, of stream: HTTP2Stream) -> Int32 {
        guard let output else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
        guard output.count < outputLimit else { return NGHTTP2_ERR_WOULDBLOCK.rawValue }
        guard let isWhole = stream.writePlanned(length, to: output, behind: header) else {
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        conduct.noteSent(length, isWhole: isWhole)
        return 0
    }
}
