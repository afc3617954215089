// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// What was seen of a name.
enum Look: Hashable {
    /// A regular file.
    case file(FileStamp, Writer)
    /// Something that is never uploaded, in words.
    case special(String)
    /// Nothing is there.
    case gone
    /// It could not be looked at.
    case failed(SystemError)

    /// Looks at a name in an open folder, following no link.
    init(at name: [UInt8], in folder: borrowing Descriptor) {
        self.init(at: name, in: folder, writer: .notAsked)
    }

    private init(at name: [UInt8], in folder: borrowing Descriptor, writer: Writer) {
        do throws(SystemError) {
            self.init(try folder.status(of: name), writer)
        } catch {
            self = error.meansGone ? .gone : .failed(error)
        }
    }

    /// Opens a name, looks at what was opened, and asks who else has it open for writing.
    init(opening name: [UInt8], in folder: borrowing Descriptor) {
        do throws(SystemError) {
            let file = try folder.open(beneath: name)
            let status = try file.status()
            self.init(status, status.isRegular ? Writer(of: file) : .notAsked)
        } catch {
            switch error.code {
            case ELOOP: self = .special("a symbolic link")
            case ENXIO: self = .special("a socket")
            // A lease of another (an SMB client's) is being broken for us.
            case EAGAIN: self.init(at: name, in: folder, writer: .some)
            // Not ours to read: the upload will say so, in words for people.
            case EACCES, EPERM: self.init(at: name, in: folder, writer: .unknown)
            default: self = error.meansGone ? .gone : .failed(error)
            }
        }
    }

    private init(_ status: stat, _ writer: Writer) {
        if let special = status.special {
            self = .special(special)
        } else {
            self = .file(status.stamp, writer)
        }
    }
}

extension Writer {
    /// Asks the kernel, which gives a read lease only where nobody has the file open for writing.
    fileprivate init(of file: borrowing Descriptor) {
        switch cs_has_writer(file.number) {
        case 0: self = .none
        case 1: self = .some
        default: self = .unknown
        }
    }
}

extension SystemError {
    /// Whether the name, or a folder before it, is not there any more.
    var meansGone: Bool { code == ENOENT || code == ENOTDIR }
}
