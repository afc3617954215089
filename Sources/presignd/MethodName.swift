// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Jobs

/// The methods a person can ask for, in either case.
enum MethodName: String, CaseIterable, ExpressibleByArgument {
    case get = "GET"
    case put = "PUT"
    case head = "HEAD"
    case delete = "DELETE"
    case post = "POST"

    init?(argument: String) {
        self.init(rawValue: argument.uppercased())
    }

    var method: HTTPMethod {
        switch self {
        case .get: .get
        case .put: .put
        case .head: .head
        case .delete: .delete
        case .post: .post
        }
    }
}
