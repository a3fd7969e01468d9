import SwiftletTensors
import Testing

/// Which processors a process may use, from what the system says.
@Suite struct ProcessorsTests {
    @Test func coresShareTheirThreads() {
        #expect(Processors(siblings: ["0,4", "1,5", "0,4", "1,5"], quota: nil).cores == 2)
        #expect(Processors(siblings: ["0,4", "1,5", "0,4", "1,5"], quota: nil).usable == 4)
        #expect(Processors(siblings: ["0", "1"], quota: nil).cores == 2)
    }

    @Test func aQuotaLimitsBoth() {
        let processors = Processors(siblings: (0..<64).map { "\($0)" }, quota: 2.5)
        #expect(processors.usable == 3 && processors.cores == 3)
        #expect(Processors(siblings: [], quota: 0.1).usable == 1)
    }

    @Test func readsQuotas() {
        #expect(Processors.quota(in: "200000 100000") == 2)
        #expect(Processors.quota(in: "max 100000") == nil)
        #expect(Processors.quota(in: "-1 100000") == nil)
        #expect(Processors.quota(in: "") == nil)
        #expect(Processors.quota(in: "nan 1") == nil)
    }

    @Test func readsGroups() {
        #expect(Processors.groupPaths("0::/a.slice/b\n", controller: "") == ["/", "/a.slice/", "/a.slice/b/"])
        let old = "9:name=systemd:/\n2:cpu,cpuacct:/x\n0::/\n"
        #expect(Processors.groupPaths(old, controller: "cpu") == ["/", "/x/"])
        #expect(Processors.groupPaths(old, controller: "") == ["/"])
        #expect(Processors.groupPaths("nonsense", controller: "cpu") == [])
    }

    @Test func readsAffinity() {
        #expect(Processors.allowedProcessors(in: "Name:\tx\nCpus_allowed_list:\t0-2,8\nMems:\t0") == [0, 1, 2, 8])
        #expect(Processors.allowedProcessors(in: "Cpus_allowed_list:\t3-1,x,99999999999") == [])
        #expect(Processors.allowedProcessors(in: "") == nil)
    }

    @Test func thisMachineHasSome() {
        #expect(Processors.current.cores >= 1 && Processors.current.cores <= Processors.current.usable)
    }
}
