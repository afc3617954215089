// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign

extension IncomingObject.Request {
    /// Reads what a form says of its object.
    ///
    /// - Throws: `Refusal` when a field asks for what is not done here or is no text for a header.
    init(_ grant: FormGrant) throws(Refusal) {
        let headers = try Self.headers(grant.fields)
        func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        key = grant.key
        size = nil
        self.headers = try HeaderPolicy.headersToStore(headers)
        checksum = try Self.checksum(header)
        md5 = try Self.md5(header)
        payloadSHA256 = nil
        replacing = true
    }

    /// The fields that are headers of the object; those about the form itself are left out.
    private static func headers(_ fields: [FormField]) throws(Refusal) -> [Header] {
        let names = HeaderPolicy.stored + ["content-md5", "acl", "tagging"]
        var headers: [Header] = []
        for field in fields where names.contains(field.name) || field.name.hasPrefix("x-amz-") {
            guard let value = String(validating: field.value, as: UTF8.self),
                HeaderPolicy.isHeaderText(value)
            else {
                throw Refusal(
                    .invalidArgument,
                    "The field \(field.name) is no text for a header.",
                    details: [Header("ArgumentName", field.name)]
                )
            }
            // The two that have a name of their own in forms.
            let isAlias = ["acl", "tagging"].contains(field.name)
            let header = Header((isAlias ? "x-amz-" : "") + field.name, value)
            try HeaderPolicy.check(header)
            headers.append(header)
        }
        return headers
    }
}
