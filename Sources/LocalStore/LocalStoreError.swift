// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why the embedded store cannot be opened or cannot serve.
public enum LocalStoreError: Error, Hashable, Sendable {
    /// A system call on the store's folder failed; `code` is its errno.
    case folder(path: String, operation: String, code: Int32)
    /// Another process, or another store of this one, has the folder.
    case folderInUse(path: String)
    /// The file of the store's access key cannot be made or read.
    case credentials(path: String, problem: String)
    /// Another program listens on the address.
    case portTaken(host: String, port: Int)
    /// The address cannot be listened on.
    case cannotListen(host: String, port: Int, reason: String)
}

extension LocalStoreError: CustomStringConvertible {
    /// What happened, to what, and what to do.
    public var description: String {
        switch self {
        case .folder(let path, let operation, let code):
            "embedded store: cannot \(operation) \(path): \(errorText(code)); "
                + "give the user of the daemon that folder, or set folder: to another"
        case .folderInUse(let path):
            "embedded store: \(path) is in use by another store; "
                + "stop the other daemon, or give each store a folder: of its own"
        case .credentials(let path, let problem):
            "embedded store: the access key in \(path) \(problem)"
        case .portTaken(let host, let port):
            "port \(port) on \(host) is taken by another program; "
                + "stop it or set listen: of the store to another port"
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host) port \(port): \(reason); "
                + "set listen: of the store to an address of this machine"
        }
    }
}

/// A system call that failed on a file of the store, on its way to an answer and the log.
struct FileProblem: Error, Hashable, CustomStringConvertible {
    /// What was tried, as in "cannot …".
    var operation: String
    /// The file, as far as it is known.
    var path: String
    /// The errno.
    var code: Int32

    var description: String { "cannot \(operation) \(path): \(errorText(code))" }

    /// Makes a problem of the errno as it is now.
    static func last(_ operation: String, _ path: String) -> FileProblem {
        FileProblem(operation: operation, path: path, code: errno)
    }

    /// The same problem where the store is opened.
    var asStoreError: LocalStoreError { .folder(path: path, operation: operation, code: code) }
}

/// The system's words for an errno.
func errorText(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
