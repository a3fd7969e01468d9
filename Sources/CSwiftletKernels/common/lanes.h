// What needs special instructions: byte dot products, half conversion, table lookup. Each has a portable form.
//
// SWL_SIGNED_PANELS: formats with 8-bit values keep them signed (the portable, AVX2 and NEON dot products want that);
// AVX-512 VNNI multiplies unsigned by signed bytes, so there they are stored with a bias of 128.
// SWL_STEP: activation rows that the micro-kernels hold in registers.
#pragma once

#include "half.h"

#if defined(SWL_AVX512) || defined(SWL_AVX2)
#include <immintrin.h>
#elif defined(SWL_NEON)
#include <arm_neon.h>
#endif

#if defined(SWL_AVX512)
#define SWL_SIGNED_PANELS 0
#define SWL_STEP 8
#elif defined(SWL_NEON)
#define SWL_SIGNED_PANELS 1
#define SWL_STEP 4
#else
#define SWL_SIGNED_PANELS 1
#define SWL_STEP 2
#endif

/// Four bytes of an activation row.
SWL_INLINE int32_t swl_quad(const int8_t *p) {
    int32_t quad;
    memcpy(&quad, p, 4);
    return quad;
}

/// acc + the sum of four products of bytes in each lane. Weights are 0...127 unless `wide`: then they are signed bytes
/// where SWL_SIGNED_PANELS, else unsigned ones.
SWL_INLINE v16i swl_dot_lanes(v16i acc, v16u weights, v16u quads, const int wide) {
#if defined(SWL_AVX512)
    (void)wide;
    return (v16i)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)weights, (__m512i)quads);
#elif defined(SWL_AVX2)
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i parts[2], x[2];
    memcpy(parts, &weights, sizeof parts);
    memcpy(x, &quads, sizeof x);
    for (int i = 0; i < 2; i++) {
        // Pairs of products stay below 2 * 128 * 127: no saturation.
        __m256i pairs = wide ? _mm256_maddubs_epi16(_mm256_abs_epi8(parts[i]), _mm256_sign_epi8(x[i], parts[i]))
                             : _mm256_maddubs_epi16(parts[i], x[i]);
        parts[i] = _mm256_madd_epi16(pairs, ones);
    }
    v16i sums;
    memcpy(&sums, parts, sizeof sums);
    return acc + sums;
#elif defined(SWL_NEON)
    (void)wide;
    int32x4_t sums[4];
    int8x16_t parts[4], x[4];
    memcpy(sums, &acc, sizeof sums);
    memcpy(parts, &weights, sizeof parts);
    memcpy(x, &quads, sizeof x);
    for (int i = 0; i < 4; i++) sums[i] = vdotq_s32(sums[i], parts[i], x[i]);
    memcpy(&acc, sums, sizeof acc);
    return acc;
#else
    (void)wide;
    v16i w = SWL_BITS_I(weights), x = SWL_BITS_I(quads);
    acc += (w << 24 >> 24) * (x << 24 >> 24);
    acc += (w << 16 >> 24) * (x << 16 >> 24);
    acc += (w << 8 >> 24) * (x << 8 >> 24);
    acc += (w >> 24) * (x >> 24);
    return acc;
#endif
}

/// The same with one quad for all lanes.
SWL_INLINE v16i swl_dot(v16i acc, v16u weights, int32_t quad, const int wide) {
    return swl_dot_lanes(acc, weights, (v16u)((uint32_t)quad), wide);
}

/// acc + the sum of two products of 16-bit integers in each lane.
SWL_INLINE v16i swl_dot_pairs(v16i acc, v16u a, v16u b) {
#if defined(SWL_AVX512)
    return (v16i)_mm512_dpwssd_epi32((__m512i)acc, (__m512i)a, (__m512i)b);
#elif defined(SWL_AVX2)
    __m256i parts[2], x[2];
    memcpy(parts, &a, sizeof parts);
    memcpy(x, &b, sizeof x);
    for (int i = 0; i < 2; i++) parts[i] = _mm256_madd_epi16(parts[i], x[i]);
    v16i sums;
    memcpy(&sums, parts, sizeof sums);
    return acc + sums;
#else
    const v16i x = SWL_BITS_I(a), y = SWL_BITS_I(b);
    return acc + (x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16);
#endif
}

/// Lanes shifted left by *by. The compiler would take the form for one common amount, which takes two operations.
SWL_INLINE v16i swl_shift(v16i lanes, const int32_t *by) {
#if defined(SWL_AVX512)
    __asm__("vpsllvd %1%{1to16%}, %0, %0" : "+v"(lanes) : "m"(*by));
    return lanes;
#else
    return lanes << (v16i)(*by);
#endif
}

/// The low 16 bits of each lane as half.
SWL_INLINE v16f swl_from_half(v16u h) {
#if defined(SWL_AVX512)
    return (v16f)_mm512_cvtph_ps(_mm512_cvtepi32_epi16((__m512i)h));
#elif defined(SWL_AVX2)
    __m128i parts[4];
    __m256 floats[2];
    memcpy(parts, &h, sizeof parts);
    for (int i = 0; i < 2; i++) floats[i] = _mm256_cvtph_ps(_mm_packus_epi32(parts[i * 2], parts[i * 2 + 1]));
    v16f result;
    memcpy(&result, floats, sizeof result);
    return result;
#else
    return swl_from_half_portable(h);
#endif
}

/// Sixteen halves.
SWL_INLINE v16f swl_load_halves(const uint8_t *from) {
#if defined(SWL_AVX512)
    return (v16f)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
#elif defined(SWL_AVX2)
    __m256 floats[2];
    for (int i = 0; i < 2; i++) floats[i] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + i * 16)));
    v16f result;
    memcpy(&result, floats, sizeof result);
    return result;
#elif defined(SWL_NEON)
    float32x4_t floats[4];
    for (int i = 0; i < 4; i++) floats[i] = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16((const uint16_t *)(from + i * 8))));
    v16f result;
    memcpy(&result, floats, sizeof result);
    return result;
#else
    typedef uint16_t v16h __attribute__((ext_vector_type(16)));
    v16h h;
    memcpy(&h, from, sizeof h);
    return swl_from_half_portable(__builtin_convertvector(h, v16u));
#endif
}

/// Halves of 16 floats, rounded to nearest even: swl_to_half_one lane by lane.
SWL_INLINE void swl_to_halves(v16f x, uint16_t *to) {
    const v16u bits = SWL_BITS_U(x), sign = bits & 0x80000000u;
    // Conversions keep different parts of a NaN: all become the same one.
    const v16f known = swl_select(x == x, x, SWL_BITS_F(sign | 0x7fc00000u));
#if defined(SWL_AVX512)
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtps_ph((__m512)known, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
#elif defined(SWL_AVX2)
    __m256 floats[2];
    memcpy(floats, &known, sizeof floats);
    for (int i = 0; i < 2; i++)
        _mm_storeu_si128((__m128i *)(to + i * 8), _mm256_cvtps_ph(floats[i], _MM_FROUND_TO_NEAREST_INT));
#elif defined(SWL_NEON)
    float32x4_t floats[4];
    memcpy(floats, &known, sizeof floats);
    for (int i = 0; i < 4; i++) vst1_u16(to + i * 4, vreinterpret_u16_f16(vcvt_f16_f32(floats[i])));
#else
    float lanes[16];
    swl_store(lanes, known);
    for (int i = 0; i < 16; i++) to[i] = swl_to_half_one(lanes[i]);
#endif
}

/// Replaces each byte 0...15 by the table's byte.
SWL_INLINE v16u swl_lookup(const uint8_t *table, v16u indices) {
#if defined(SWL_AVX512)
    __m512i entries = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table));
    return (v16u)_mm512_shuffle_epi8(entries, (__m512i)indices);
#elif defined(SWL_AVX2)
    __m256i entries = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table)), parts[2];
    memcpy(parts, &indices, sizeof parts);
    for (int i = 0; i < 2; i++) parts[i] = _mm256_shuffle_epi8(entries, parts[i]);
    memcpy(&indices, parts, sizeof indices);
    return indices;
#elif defined(SWL_NEON)
    uint8x16_t entries = vld1q_u8(table), parts[4];
    memcpy(parts, &indices, sizeof parts);
    for (int i = 0; i < 4; i++) parts[i] = vqtbl1q_u8(entries, parts[i]);
    memcpy(&indices, parts, sizeof indices);
    return indices;
#else
    uint8_t bytes[64];
    memcpy(bytes, &indices, sizeof bytes);
    for (int i = 0; i < 64; i++) bytes[i] = table[bytes[i]];
    memcpy(&indices, bytes, sizeof indices);
    return indices;
#endif
}

/// Bits 4i...4i + 3 of each lane as bytes: all of a byte's bits, or none.
SWL_INLINE v16u swl_spread(v16u lanes, const int i) {
#if defined(SWL_AVX512)
    const __m512i first = _mm512_set4_epi32(0x0c0c0c0c, 0x08080808, 0x04040404, 0);
    const __m512i bits = _mm512_set1_epi32(i % 2 ? (int)0x80402010 : 0x08040201);
    const __m512i copies = _mm512_shuffle_epi8((__m512i)lanes, _mm512_add_epi8(first, _mm512_set1_epi8((char)(i / 2))));
    return (v16u)_mm512_movm_epi8(_mm512_test_epi8_mask(copies, bits));
#else
    // One multiplication puts a copy every 7 bits.
    const v16u four = lanes >> (uint32_t)(4 * i) & 0xfu, ones = (four * 0x00204081u) & 0x01010101u;
    return (ones << 8) - ones;
#endif
}

SWL_INLINE v4u swl_load_row(const uint8_t *p) {
    v4u v;
    memcpy(&v, p, sizeof v);
    return v;
}

#define SWL_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define SWL_HIGH(a, b) __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define SWL_LOW2(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define SWL_HIGH2(a, b) __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)

/// Sixteen bytes of each of 16 rows, transposed: lane r of w[i] is the four bytes 4i... of row r.
SWL_INLINE void swl_rows(const uint8_t *const *rows, size_t offset, v16u w[4]) {
    v16u z[4]; // of four rows, as they lie
    for (int i = 0; i < 4; i++) {
        v8u a = __builtin_shufflevector(swl_load_row(rows[i] + offset), swl_load_row(rows[i + 4] + offset), 0, 1, 2, 3, 4,
                                        5, 6, 7);
        v8u b = __builtin_shufflevector(swl_load_row(rows[i + 8] + offset), swl_load_row(rows[i + 12] + offset), 0, 1, 2,
                                        3, 4, 5, 6, 7);
        z[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
    v16u low01 = SWL_LOW(z[0], z[1]), high01 = SWL_HIGH(z[0], z[1]);
    v16u low23 = SWL_LOW(z[2], z[3]), high23 = SWL_HIGH(z[2], z[3]);
    w[0] = SWL_LOW2(low01, low23);
    w[1] = SWL_HIGH2(low01, low23);
    w[2] = SWL_LOW2(high01, high23);
    w[3] = SWL_HIGH2(high01, high23);
}

/// The sums of four neighbouring lanes: lane i is the sum of the 128 bits i of all four vectors.
SWL_INLINE v16i swl_quarter_lanes(const v16i z[4]) {
    const v16i pair01 = SWL_LOW(z[0], z[1]) + SWL_HIGH(z[0], z[1]), pair23 = SWL_LOW(z[2], z[3]) + SWL_HIGH(z[2], z[3]);
    const v16i sums = SWL_LOW2(pair01, pair23) + SWL_HIGH2(pair01, pair23);
    return __builtin_shufflevector(sums, sums, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

/// The largest lane of each of four vectors.
SWL_INLINE v4u swl_largest_of_four(const v16u z[4]) {
    const v16u pair01 = __builtin_elementwise_max(SWL_LOW(z[0], z[1]), SWL_HIGH(z[0], z[1]));
    const v16u pair23 = __builtin_elementwise_max(SWL_LOW(z[2], z[3]), SWL_HIGH(z[2], z[3]));
    const v16u all = __builtin_elementwise_max(SWL_LOW2(pair01, pair23), SWL_HIGH2(pair01, pair23));
    const v8u half = __builtin_elementwise_max(__builtin_shufflevector(all, all, 0, 1, 2, 3, 4, 5, 6, 7),
                                               __builtin_shufflevector(all, all, 8, 9, 10, 11, 12, 13, 14, 15));
    return __builtin_elementwise_max(__builtin_shufflevector(half, half, 0, 1, 2, 3),
                                     __builtin_shufflevector(half, half, 4, 5, 6, 7));
}

#undef SWL_LOW
#undef SWL_HIGH
#undef SWL_LOW2
#undef SWL_HIGH2

/// Byte `i` of each lane.
SWL_INLINE v16u swl_byte(v16u w, int i) { return (w >> (uint32_t)(8 * i)) & 0xffu; }
/// Byte `i` of each lane as a float; unsigned.
SWL_INLINE v16f swl_byte_float(v16u w, int i) { return swl_float((v16i)swl_byte(w, i)); }
