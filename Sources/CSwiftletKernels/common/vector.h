// Sixteen lanes of one 32-bit type, as the compiler's own vectors: one source for every instruction set, and the same bits,
// since every operation is an IEEE operation on each lane. What needs a special instruction is in lanes.h.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
// Vectors are passed to inlined functions only, so no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

#define SWL_INLINE static inline __attribute__((always_inline, unused))

typedef float v16f __attribute__((ext_vector_type(16)));
typedef int32_t v16i __attribute__((ext_vector_type(16)));
typedef uint32_t v16u __attribute__((ext_vector_type(16)));
typedef int16_t v16s __attribute__((ext_vector_type(16)));
typedef int8_t v16b __attribute__((ext_vector_type(16)));
typedef uint32_t v4u __attribute__((ext_vector_type(4)));
typedef uint32_t v8u __attribute__((ext_vector_type(8)));

#define SWL_BITS_F(x) __builtin_bit_cast(v16f, (x))
#define SWL_BITS_I(x) __builtin_bit_cast(v16i, (x))
#define SWL_BITS_U(x) __builtin_bit_cast(v16u, (x))

SWL_INLINE v16f swl_splat(float x) { return (v16f)(x); }
SWL_INLINE v16f swl_zero(void) { return (v16f)(0.0f); }

SWL_INLINE v16f swl_load(const float *p) {
    v16f v;
    memcpy(&v, p, sizeof v);
    return v;
}

SWL_INLINE void swl_store(float *p, v16f v) { memcpy(p, &v, sizeof v); }

/// The first `count` lanes, the others `rest`.
SWL_INLINE v16f swl_load_part(const float *p, size_t count, float rest) {
    float lanes[16];
    for (size_t i = 0; i < 16; i++) lanes[i] = i < count ? p[i] : rest;
    return swl_load(lanes);
}

SWL_INLINE void swl_store_part(float *p, v16f v, size_t count) {
    float lanes[16];
    swl_store(lanes, v);
    for (size_t i = 0; i < count; i++) p[i] = lanes[i];
}

SWL_INLINE v16f swl_fma(v16f a, v16f b, v16f c) { return __builtin_elementwise_fma(a, b, c); }
SWL_INLINE v16f swl_select(v16i mask, v16f a, v16f b) {
    return SWL_BITS_F((SWL_BITS_I(a) & mask) | (SWL_BITS_I(b) & ~mask));
}
SWL_INLINE v16f swl_max(v16f a, v16f b) { return swl_select(a > b, a, b); }
SWL_INLINE v16f swl_min(v16f a, v16f b) { return swl_select(a < b, a, b); }
SWL_INLINE v16f swl_abs(v16f a) { return SWL_BITS_F(SWL_BITS_U(a) & 0x7fffffffu); }
SWL_INLINE v16f swl_float(v16i a) { return __builtin_convertvector(a, v16f); }

/// Lanes in pairs 8 apart, then 4, 2, 1.
SWL_INLINE float swl_sum(v16f v) {
    float x[16];
    swl_store(x, v);
    for (int step = 8; step > 0; step /= 2)
        for (int i = 0; i < step; i++) x[i] += x[i + step];
    return x[0];
}

/// The largest lane, which is a number.
SWL_INLINE float swl_largest(v16f v) {
#define SWL_LARGER(...) v = swl_max(v, __builtin_shufflevector(v, v, __VA_ARGS__));
    SWL_LARGER(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
    SWL_LARGER(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
    SWL_LARGER(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
    SWL_LARGER(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#undef SWL_LARGER
    return v[0];
}

/// Nearest integers, ties to even; |x| at most 2^22.
SWL_INLINE v16i swl_nearest(v16f x) {
    const v16f magic = swl_splat(12582912.0f);
    return SWL_BITS_I(x + magic) - SWL_BITS_I(magic);
}
