// SPDX-License-Identifier: Apache-2.0

import CCurl

/// libcurl's multi handle: the connections, and what moves over them.
@safe
final class MultiHandle {
    private let multi: UnsafeMutableRawPointer
    /// Held because closing a connection calls back into it.
    private let events: LoopEvents

    /// Makes a handle, or nothing when memory or descriptors are short.
    init?(options: HTTPOptions, events: LoopEvents) {
        guard let multi = unsafe curl_multi_init() else { return nil }
        unsafe self.multi = multi
        self.events = events
        let limit = options.briefPerHost.upperBound + options.longPerHost
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, limit)
        // Connections to several hosts may be kept at once; those unused longest are closed first.
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limit * 2)
    }

    /// Every easy handle has to be off it by now.
    deinit { unsafe curl_multi_cleanup(multi) }

    /// What other threads wake this one by; must be taken out of the mailbox before `deinit`.
    var waker: Waker { unsafe Waker(multi) }

    func add(_ handle: EasyHandle) { unsafe curl_multi_add_handle(multi, handle.easy) }

    func remove(_ handle: EasyHandle) { unsafe curl_multi_remove_handle(multi, handle.easy) }

    /// Moves whatever can be moved without waiting.
    func perform() {
        var running: Int32 = 0
        unsafe curl_multi_perform(multi, &running)
    }

    /// The next transfer that has ended.
    func nextFinished() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let easy = unsafe message.pointee.easy_handle
            else { continue }
            return unsafe (easy, ccurl_message_result(message))
        }
        return nil
    }

    /// Sleeps until a socket is ready, somebody wakes it, libcurl has a timer due, or `due`.
    ///
    /// - Parameters:
    ///   - due: Nanoseconds, or nothing to sleep without end.
    ///   - now: Nanoseconds.
    func poll(until due: Int64?, now: Int64) {
        // Rounded up, so as not to wake a moment too early and turn once for nothing.
        let pause = due.map { max($0 &- now, 0) / 1_000_000 + 1 } ?? .max
        unsafe curl_multi_poll(multi, nil, 0, Int32(clamping: pause), nil)
    }
}
