// Sixteen neighbouring values of a row of F32, F16 or BF16, and sums over lanes.
#pragma once

#include "../common/lanes.h"

typedef float v4f __attribute__((ext_vector_type(4)));
typedef float v8f __attribute__((ext_vector_type(8)));
typedef uint16_t v16h __attribute__((ext_vector_type(16)));

enum { swl_f32 = 0, swl_f16 = 1, swl_bf16 = 30 };

SWL_INLINE size_t swl_float_bytes(const uint32_t type) { return type == swl_f32 ? 4 : 2; }

SWL_INLINE v16f swl_load_floats(const uint8_t *p, const uint32_t type) {
    if (type == swl_f32) {
        v16f v;
        memcpy(&v, p, sizeof v);
        return v;
    }
#if defined(SWL_AVX512)
    if (type == swl_f16) return (v16f)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
#elif defined(SWL_AVX2)
    if (type == swl_f16) {
        const __m256 parts[2] = {_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
                                 _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 16)))};
        v16f v;
        memcpy(&v, parts, sizeof v);
        return v;
    }
#elif defined(SWL_NEON)
    if (type == swl_f16) {
        float32x4_t parts[4];
        for (int i = 0; i < 4; i++) parts[i] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p + i * 8)));
        v16f v;
        memcpy(&v, parts, sizeof v);
        return v;
    }
#endif
    v16h bits;
    memcpy(&bits, p, sizeof bits);
    const v16u wide = __builtin_convertvector(bits, v16u);
    return type == swl_bf16 ? SWL_BITS_F(wide << 16) : swl_from_half(wide);
}

/// The first `count` values, then zeros.
SWL_INLINE v16f swl_load_some_floats(const uint8_t *p, size_t count, const uint32_t type) {
    uint8_t bytes[64] = {0};
    memcpy(bytes, p, count * swl_float_bytes(type));
    return swl_load_floats(bytes, type);
}

/// Two neighbouring BF16 a lane: 32 columns, or the first `count` and zeros.
SWL_INLINE v16u swl_load_pairs(const uint8_t *p, size_t count) {
    v16u v = (v16u)(0u);
    if (count == 32)
        memcpy(&v, p, sizeof v);
    else
        memcpy(&v, p, count * 2);
    return v;
}

#if defined(SWL_AVX512_BF16)
/// fma of the pairs' second numbers, then of the first ones; numbers below 2^-126 are taken for zeros.
SWL_INLINE v16f swl_add_pairs(v16f sum, v16u w, v16u x) {
    return (v16f)_mm512_dpbf16_ps((__m512)sum, (__m512bh)w, (__m512bh)x);
}
#endif

/// Lanes 8 apart, then those 4 apart.
SWL_INLINE v4f swl_quarter_sums(v16f v) {
    const v8f half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                     __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
}

/// The sums of four vectors' lanes, each as swl_sum adds them: in pairs 8 apart, then 4, 2, 1.
SWL_INLINE v4f swl_four_sums(v16f a, v16f b, v16f c, v16f d) {
    const v4f p = swl_quarter_sums(a), q = swl_quarter_sums(b), r = swl_quarter_sums(c), s = swl_quarter_sums(d);
    const v4f pq = __builtin_shufflevector(p, q, 0, 1, 4, 5) + __builtin_shufflevector(p, q, 2, 3, 6, 7);
    const v4f rs = __builtin_shufflevector(r, s, 0, 1, 4, 5) + __builtin_shufflevector(r, s, 2, 3, 6, 7);
    return __builtin_shufflevector(pq, rs, 0, 2, 4, 6) + __builtin_shufflevector(pq, rs, 1, 3, 5, 7);
}
