// What this machine can do at best, with the very operations that the kernels are made of: byte dot products, fused
// multiply-adds, reads of memory that is asked for ahead. The shape is matmul's: a vector of weights meets as many activations
// as there are sums, each from the first cache; nothing is unpacked, scaled or stored.
#pragma once

#include "../floats/load.h"
#include "../common/lanes.h"
#include "../common/vector.h"

#if defined(SWL_AVX512)
#define SWL_CHAINS 16
#else
// 16 registers of 32 bytes (AVX2), or 32 of 16 (NEON): a vector of lanes takes two or four.
#define SWL_CHAINS 4
#endif
/// Vectors of weights.
#define SWL_LINKS 16

/// Byte dot products; returns how many multiply-adds they were.
static uint64_t swl_peak_integer(uint64_t rounds, float *result) {
    v16u weights[SWL_LINKS];
    int32_t quads[SWL_LINKS][SWL_CHAINS];
    for (int i = 0; i < SWL_LINKS; i++) {
        weights[i] = (v16u)(0x01020304u * (uint32_t)(i + 1));
        for (int j = 0; j < SWL_CHAINS; j++) quads[i][j] = 0x04030201 + i * 0x010101 + j;
    }
    v16i sums[SWL_CHAINS];
    for (int i = 0; i < SWL_CHAINS; i++) sums[i] = (v16i)(0);
    for (uint64_t round = 0; round < rounds; round++) {
        // The compiler must believe that they may have changed: otherwise the first round's products would do for all.
        __asm__ volatile("" : : "r"(weights), "r"(quads) : "memory");
#pragma clang loop unroll(full)
        for (int i = 0; i < SWL_LINKS; i++) {
            const v16u w = weights[i];
#pragma clang loop unroll(full)
            for (int j = 0; j < SWL_CHAINS; j++) sums[j] = swl_dot(sums[j], w, quads[i][j], 0);
        }
    }
    v16i sum = sums[0];
    for (int i = 1; i < SWL_CHAINS; i++) sum += sums[i];
    *result = swl_sum(swl_float(sum));
    return rounds * SWL_LINKS * SWL_CHAINS * 64;
}

/// Fused multiply-adds of floats; returns how many.
static uint64_t swl_peak_float(uint64_t rounds, float *result) {
    v16f weights[SWL_LINKS];
    float x[SWL_LINKS][SWL_CHAINS];
    for (int i = 0; i < SWL_LINKS; i++) {
        weights[i] = swl_splat(0.5f / (float)(i + 1));
        for (int j = 0; j < SWL_CHAINS; j++) x[i][j] = 1e-3f * (float)(i - j);
    }
    v16f sums[SWL_CHAINS];
    for (int i = 0; i < SWL_CHAINS; i++) sums[i] = swl_zero();
    for (uint64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : : "r"(weights), "r"(x) : "memory");
#pragma clang loop unroll(full)
        for (int i = 0; i < SWL_LINKS; i++) {
            const v16f w = weights[i];
#pragma clang loop unroll(full)
            for (int j = 0; j < SWL_CHAINS; j++) sums[j] = swl_fma(w, swl_splat(x[i][j]), sums[j]);
        }
    }
    v16f sum = sums[0];
    for (int i = 1; i < SWL_CHAINS; i++) sum += sums[i];
    *result = swl_sum(sum);
    return rounds * SWL_LINKS * SWL_CHAINS * 16;
}

/// Multiply-adds of BF16 in pairs; where no instruction takes pairs, of floats.
static uint64_t swl_peak_pairs(uint64_t rounds, float *result) {
#if defined(SWL_AVX512_BF16)
    v16u weights[SWL_LINKS];
    uint32_t pairs[SWL_LINKS][SWL_CHAINS];
    for (int i = 0; i < SWL_LINKS; i++) {
        weights[i] = (v16u)(0x3f003f00u);
        for (int j = 0; j < SWL_CHAINS; j++) pairs[i][j] = 0x3a803a80u + (uint32_t)(i + j);
    }
    v16f sums[SWL_CHAINS];
    for (int i = 0; i < SWL_CHAINS; i++) sums[i] = swl_zero();
    for (uint64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : : "r"(weights), "r"(pairs) : "memory");
#pragma clang loop unroll(full)
        for (int i = 0; i < SWL_LINKS; i++) {
            const v16u w = weights[i];
#pragma clang loop unroll(full)
            for (int j = 0; j < SWL_CHAINS; j++) sums[j] = swl_add_pairs(sums[j], w, (v16u)(pairs[i][j]));
        }
    }
    v16f sum = sums[0];
    for (int i = 1; i < SWL_CHAINS; i++) sum += sums[i];
    *result = swl_sum(sum);
    return rounds * SWL_LINKS * SWL_CHAINS * 32;
#else
    return swl_peak_float(rounds, result);
#endif
}

/// Adds up memory (64-byte aligned, a multiple of 4,096 bytes), which is asked for ahead as the kernels do it: into the second
/// cache, and one request for each page two pages earlier, so that its address is known by then.
static void swl_peak_read(const void *memory, size_t bytes, float *result) {
    const char *at = memory, *const end = at + bytes;
    v16u sums[4] = {(v16u)(0u), (v16u)(0u), (v16u)(0u), (v16u)(0u)};
    for (; at < end; at += 4096) {
        if (end - at > 8192) __builtin_prefetch(at + 8192, 0, 2);
        for (size_t i = 0; i < 4096; i += 256) {
            if (end - at > 4096) {
                for (size_t j = 0; j < 256; j += 64) __builtin_prefetch(at + 4096 + i + j, 0, 2);
            }
            for (size_t j = 0; j < 4; j++) {
                v16u part;
                memcpy(&part, at + i + j * 64, sizeof part);
                sums[j] += part;
            }
        }
    }
    *result = swl_sum(swl_float((v16i)(sums[0] + sums[1] + sums[2] + sums[3])));
}

#undef SWL_CHAINS
#undef SWL_LINKS
