import SwiftletGround

/// `Fuzz PARSER [libFuzzer's options and corpus folders]`: hands libFuzzer the parser of that name.
///
/// SwiftPM calls the entry point of an executable `NAME_main`, so that libFuzzer's own `main` stays out.
@_cdecl("Fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    let name = count > 1 ? arguments[1].map { String(cString: $0) } ?? "" : ""
    guard let parser = Parsers.table[name] else {
        print("usage: Fuzz PARSER [OPTIONS] [CORPUS…], where PARSER is one of", Parsers.table.keys.sorted())
        return 2
    }
    // libFuzzer sees the arguments without the parser's name.
    arguments[1] = arguments[0]
    var rest: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = arguments + 1
    var restCount = count - 1
    return runDriver(&restCount, &rest, parser)
}

/// libFuzzer is linked whole and its unused `main` asks for this name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt { 0 }

typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// libFuzzer's entry for programs with their own main (compiler-rt, FuzzerInterface.h).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>, _ callback: Callback
) -> CInt
