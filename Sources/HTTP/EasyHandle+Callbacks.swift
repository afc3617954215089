// SPDX-License-Identifier: Apache-2.0

import CCurl

/// The most bytes of headers an answer may have.
private let headerLimit = 16 << 10

extension EasyHandle {
    /// Connects libcurl's callbacks to this object, which outlives its handle.
    func setUpCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_PRIVATE, context)
        unsafe ccurl_set_mover(easy, CURLOPT_HEADERFUNCTION, takeHeader)
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        unsafe ccurl_set_mover(easy, CURLOPT_WRITEFUNCTION, takeAnswer)
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        unsafe ccurl_set_connected(easy, noteConnection)
        unsafe ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context)
        unsafe ccurl_set_resolving(easy, askToResolve)
        unsafe ccurl_set_pointer(easy, CURLOPT_RESOLVER_START_DATA, context)
        setUpSockets()
        guard kind == .largeBody else { return }
        unsafe ccurl_set_mover(easy, CURLOPT_READFUNCTION, giveBody)
        unsafe ccurl_set_pointer(easy, CURLOPT_READDATA, context)
        unsafe ccurl_set_seek(easy, seekBody)
        unsafe ccurl_set_pointer(easy, CURLOPT_SEEKDATA, context)
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> EasyHandle? {
        unsafe context.map { unsafe Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension Transfer {
    /// Takes one line of the headers; says whether to go on.
    fileprivate func take(headerLine line: UnsafeRawBufferPointer) -> Bool {
        if unsafe line.count >= 12 && line.starts(with: "HTTP/".utf8) {
            forgetAnswer()
            headerBlock.reserveCapacity(512)
            status = unsafe line[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
            return true
        }
        guard headerBlock.count + line.count <= headerLimit else {
            failure = .answerTooLarge(peer: peer, limit: headerLimit)
            return false
        }
        unsafe headerBlock.append(contentsOf: line)
        return true
    }

    /// Takes some of the answer's body; says whether to go on.
    fileprivate func take(answer bytes: UnsafeRawBufferPointer) -> Bool {
        if let onBody = unsafe onBody, (200..<300).contains(status) {
            do {
                try unsafe onBody(bytes)
                return true
            } catch {
                failure = .receiverFailed(peer: peer, error)
                return false
            }
        }
        guard answer.count + bytes.count <= maxResponseBytes else {
            failure = .answerTooLarge(peer: peer, limit: maxResponseBytes)
            return false
        }
        unsafe answer.append(contentsOf: bytes)
        return true
    }

    /// Copies the next bytes of the body into libcurl's buffer.
    ///
    /// - Returns: How many; nothing when the body cannot be read.
    fileprivate func give(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let count = Int(min(Int64(buffer.count), bodyLength - offset))
        guard count > 0 else { return 0 }
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        do {
            let got = try unsafe read(into: room)
            guard got > 0, got <= count else {
                throw BodyEndedEarly(offset: offset, length: bodyLength)
            }
            offset += Int64(got)
            return got
        } catch {
            failure = .sourceFailed(peer: peer, error)
            return nil
        }
    }

    private func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        switch body {
        case .none:
            return 0
        case .bytes(let bytes):
            let start = Int(offset)
            unsafe room.copyBytes(from: bytes[start..<(start + room.count)])
            return room.count
        case .stream(let source):
            return try unsafe source.read(into: room, at: offset)
        }
    }
}

private func takeHeader(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe EasyHandle.from(context)?.transfer else { return 0 }
    let line = unsafe UnsafeRawBufferPointer(start: data, count: count)
    return unsafe transfer.take(headerLine: line) ? count : 0
}

private func takeAnswer(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe EasyHandle.from(context)?.transfer else { return 0 }
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: count)
    // An empty piece is no reason to stop, though libcurl would take 0 for its whole length.
    return unsafe transfer.take(answer: bytes) ? count : count + 1
}

private func giveBody(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let handle = unsafe EasyHandle.from(context), let transfer = handle.transfer else {
        return Int(CURL_READFUNC_ABORT)
    }
    let wanted = Int(min(Int64(size * count), transfer.bodyLength - transfer.offset))
    let granted = handle.events.rate.take(upTo: wanted, for: handle, at: Clock.now())
    if wanted > 0, granted == 0 { return Int(CURL_READFUNC_PAUSE) }
    let buffer = unsafe UnsafeMutableRawBufferPointer(start: data, count: granted)
    return unsafe transfer.give(into: buffer) ?? Int(CURL_READFUNC_ABORT)
}

private func seekBody(
    _ context: UnsafeMutableRawPointer?,
    _ offset: curl_off_t,
    _ origin: Int32
) -> Int32 {
    guard origin == SEEK_SET, let transfer = unsafe EasyHandle.from(context)?.transfer else {
        return CURL_SEEKFUNC_FAIL
    }
    transfer.offset = Int64(offset)
    return CURL_SEEKFUNC_OK
}

/// CURLOPT_PREREQFUNCTION: the connection is there, the request is about to be sent.
private func noteConnection(
    _ context: UnsafeMutableRawPointer?,
    _ peer: UnsafeMutablePointer<CChar>?,
    _ local: UnsafeMutablePointer<CChar>?,
    _ peerPort: Int32,
    _ localPort: Int32
) -> Int32 {
    guard let handle = unsafe EasyHandle.from(context), let transfer = handle.transfer else {
        return CURL_PREREQFUNC_ABORT
    }
    // A kept connection was made by another request, which may have gone by another rule.
    let kind = unsafe peer.flatMap { unsafe AddressKind(text: String(cString: $0)) }
    guard transfer.addresses.allows(kind) else {
        transfer.failure = .forbiddenAddress(peer: transfer.peer)
        return CURL_PREREQFUNC_ABORT
    }
    if handle.kind == .largeBody {
        handle.ports = (
            UInt16(truncatingIfNeeded: localPort), UInt16(truncatingIfNeeded: peerPort)
        )
    }
    if handle.isOpening, let host = transfer.host {
        handle.isOpening = false
        host.gate.opened()
        handle.events.opened.append(host)
    }
    return CURL_PREREQFUNC_OK
}

/// CURLOPT_RESOLVER_START_FUNCTION: a name whose address is not known is about to be looked up.
private func askToResolve(
    _ resolver: UnsafeMutableRawPointer?,
    _ reserved: UnsafeMutableRawPointer?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let handle = unsafe EasyHandle.from(context), let host = handle.transfer?.host else {
        return 1
    }
    guard !handle.isOpening else { return 0 }
    guard host.gate.mayResolve() else {
        handle.mustWait = true
        return 1
    }
    handle.isOpening = true
    return 0
}
