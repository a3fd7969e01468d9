import ArgumentParser
package import SwiftletGround

extension ByteSize: ExpressibleByArgument {
    package init?(argument: String) { self.init(parsing: argument) }
    package var defaultValueDescription: String { description }
}

extension TimeSpan: ExpressibleByArgument {
    package init?(argument: String) { self.init(parsing: argument) }
    package var defaultValueDescription: String { description }
}
