// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension ObjectFolder {
    /// Adds up the files of all objects.
    func sumOfSizes() throws(FileProblem) -> Int64 {
        var sum: Int64 = 0
        for number in 0..<256 {
            let name = [UInt8(number)].hex
            let path = "\(path)/objects/\(name)"
            let folder = try OpenFile(
                name,
                in: objects.descriptor,
                flags: O_RDONLY | O_DIRECTORY
            )
            for file in try PrivateFolder.names(in: folder, path: path) {
                sum += fileSize("\(name)/\(file)")
            }
        }
        return sum + (try sumOfParts())
    }

    func fileSize(_ place: String) -> Int64 {
        var status = stat()
        let found = unsafe fstatat(objects.descriptor, place, &status, AT_SYMLINK_NOFOLLOW)
        return found == 0 ? Int64(status.st_size) : 0
    }
}
