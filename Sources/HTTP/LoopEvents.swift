// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc

/// What the callbacks tell the loop, which may not act while libcurl calls.
final class LoopEvents {
    /// Hosts to which a connection has come about.
    var opened: [Host] = []
    /// All open sockets.
    ///
    /// libcurl tells a transfer's socket only after its end (CURLINFO_ACTIVESOCKET).
    var sockets: Set<Int32> = []
    /// The limit on what is sent, and who waits for it.
    let rate = UploadRate()

    /// The socket between these two ports.
    func socket(local: UInt16, peer: UInt16) -> Int32? {
        sockets.first { socket in
            unsafe Self.port(of: socket, getsockname) == local
                && Self.port(of: socket, getpeername) == peer
        }
    }

    private static func port(
        of socket: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                unsafe name(socket, general, &size)
            }
        }
        // The port stands at the same place for both families.
        let family = Int32(address.sin6_family)
        guard code == 0, family == AF_INET || family == AF_INET6 else { return nil }
        return UInt16(bigEndian: address.sin6_port)
    }
}

extension EasyHandle {
    /// Takes over the making and closing of sockets.
    ///
    /// The context of closing is the events and not this handle, because a connection outlives the
    /// transfer that made it.
    func setUpSockets() {
        let events = unsafe Unmanaged.passUnretained(events).toOpaque()
        let handle = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_open(easy, openSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, handle)
        unsafe ccurl_set_close(easy, closeSocket)
        unsafe ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, events)
    }

    /// Whether the request's rule lets it connect to an address; notes it if not.
    fileprivate func mayConnect(to address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        guard let transfer else { return false }
        var length = 0
        let bytes = unsafe ccurl_address(address, &length)
        let kind = AddressKind(unsafe Array(UnsafeBufferPointer(start: bytes, count: length)))
        transfer.isRefused = !transfer.addresses.allows(kind)
        return !transfer.isRefused
    }
}

private func openSocket(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let handle = unsafe EasyHandle.from(context), let address = unsafe address,
        unsafe handle.mayConnect(to: address)
    else { return -1 }
    // Not for children: libcurl itself lets a command that is run inherit the connection.
    let type = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    let made = unsafe socket(address.pointee.family, type, address.pointee.protocol)
    if made >= 0 { handle.events.sockets.insert(made) }
    return made
}

private func closeSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    if let context = unsafe context {
        let events = unsafe Unmanaged<LoopEvents>.fromOpaque(context).takeUnretainedValue()
        events.sockets.remove(socket)
    }
    return close(socket)
}
