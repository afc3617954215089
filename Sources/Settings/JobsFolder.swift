// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The folder that holds one file for each template.
struct JobsFolder {
    let path: String

    /// The names in the folder, sorted; without those that begin with a dot.
    func names() throws(ValueProblem) -> [String] {
        guard let folder = unsafe opendir(path) else {
            let number = errno
            let reason = unsafe String(cString: strerror(number))
            let cure =
                switch number {
                case ENOENT: "create it: mkdir \(path)"
                case EACCES: "let presignd's user read it"
                default: "name the folder of the templates"
                }
            throw ValueProblem("the folder \(path) cannot be read: \(reason)", cure: cure)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe Array(bytes.prefix { $0 != 0 })
            }
            // A name that is not UTF-8 does not end as a template's file does for any person.
            guard name.first != UInt8(ascii: "."),
                let text = String(validating: name, as: UTF8.self)
            else { continue }
            names.append(text)
        }
        return names.sorted()
    }
}
