// Activations rounded to BF16, as BF16 weights meet them: once for all weights that share an input. A row is multiplied by a
// factor near 1 first, and its products by the factor's inverse.
//
// Rows of columns rounded up to 32, the rest zeros: pairs of BF16, or where no instruction takes those, floats, of each 32 the
// second numbers of all pairs and then the first ones. Where tiles.h multiplies them, tiles of 8 rows instead, in segments; of
// a segment of `steps` times 32 columns pair `lane` of each step, one lane after another: [16 turns][steps][8 rows] pairs.
#pragma once

#include "load.h"
#include "../include/swl.h"

/// Columns of a segment of a dot product of BF16.
#define SWL_PAIRS_SEGMENT 2048

/// When a lane has its turn, so that the sums of lanes meet in pairs 8 apart, then 4, 2, 1.
#define SWL_TURN(lane) (((lane) & 1) << 3 | ((lane) & 2) << 1 | ((lane) & 4) >> 1 | (lane) >> 3)

/// Whether so many rows are laid out in tiles.
SWL_INLINE int swl_are_tiled(size_t tokens) {
#if defined(SWL_AVX512_BF16)
    return tokens >= 48; // fewer take longer to lay out a panel for than it saves
#else
    (void)tokens;
    return 0;
#endif
}

/// How many factors are tried for a row, and how far they lie apart: steps of rounding are 2^-7 to 2^-8 of a number.
#define SWL_FACTORS 32
#define SWL_FACTOR_STEP 0x1p-11f

/// Bytes of a rounded activation.
#if defined(SWL_AVX512_BF16)
#define SWL_ROUNDED_BYTES 2
#else
#define SWL_ROUNDED_BYTES 4
#endif

/// One over the factors of all rows, behind the rows.
SWL_INLINE const float *swl_inverses(const void *rounded, size_t tokens, size_t columns) {
    const size_t rows = (tokens + SWL_TILE - 1) / SWL_TILE * SWL_TILE;
    return (const float *)((const uint8_t *)rounded + rows * swl_rounded_columns(columns) * SWL_ROUNDED_BYTES);
}

/// Thirty-two columns of a row.
SWL_INLINE void swl_put_rounded(uint8_t *to, v16u pairs) {
#if defined(SWL_AVX512_BF16)
    memcpy(to, &pairs, sizeof pairs);
#else
    const v16u parts[2] = {pairs & 0xffff0000u, pairs << 16};
    memcpy(to, parts, sizeof parts);
#endif
}

/// To nearest even; what BF16 has no normal number for counts as zero, a NaN stays one.
SWL_INLINE v16u swl_round_bfloat(v16f x) {
    const v16u bits = SWL_BITS_U(x), size = bits & 0x7fffffffu;
    const v16u nearest = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16, nan = bits >> 16 | 0x40u;
    const v16u number = (v16u)(size >= 0x00800000u) & nearest, is_nan = (v16u)(size > 0x7f800000u);
    return (is_nan & nan) | (~is_nan & number);
}

SWL_INLINE v16f swl_some_floats(const float *x, size_t count) {
    if (count >= 16) return swl_load(x);
    v16f v = swl_zero();
    memcpy(&v, x, count * sizeof *x);
    return v;
}

/// The factor of SWL_FACTORS, 1, 1 + SWL_FACTOR_STEP and so on, with which a row's largest numbers, the largest of each 32nd
/// column, are rounded best: a row's rounding error is mostly theirs.
static float swl_row_factor(const float *x, size_t columns) {
    v16f largest[2] = {swl_zero(), swl_zero()};
    size_t column = 0;
    for (; column + 32 <= columns; column += 32) {
        largest[0] = swl_max(swl_abs(swl_load(x + column)), largest[0]);
        largest[1] = swl_max(swl_abs(swl_load(x + column + 16)), largest[1]);
    }
    for (size_t part = 0; column < columns; column += 16, part++)
        largest[part] = swl_max(swl_abs(swl_some_floats(x + column, columns - column)), largest[part]);
    v16f errors[SWL_FACTORS];
    for (size_t i = 0; i < SWL_FACTORS; i++) {
        errors[i] = swl_zero();
#pragma clang loop unroll(full)
        for (size_t part = 0; part < 2; part++) {
            // Veltkamp's splitting: 8 bits of the 24.
            const v16f scaled = largest[part] * (1.0f + (float)i * SWL_FACTOR_STEP), large = scaled * 65537.0f;
            const v16f error = scaled - (large - (large - scaled));
            errors[i] = swl_fma(error, error, errors[i]);
        }
    }
    float sums[SWL_FACTORS];
    for (size_t i = 0; i < SWL_FACTORS; i += 4) {
        const v4f four = swl_four_sums(errors[i], errors[i + 1], errors[i + 2], errors[i + 3]);
        memcpy(sums + i, &four, sizeof four);
    }
    size_t best = 0;
    for (size_t i = 1; i < SWL_FACTORS; i++) best = sums[i] < sums[best] ? i : best;
    return 1.0f + (float)best * SWL_FACTOR_STEP;
}

/// `count` columns times `factor` as 16 pairs, zeros beyond them.
SWL_INLINE v16u swl_round_pairs(const float *x, size_t count, float factor) {
    const v16f low = swl_some_floats(x, count) * factor;
    const v16f high = count > 16 ? swl_some_floats(x + 16, count - 16) * factor : swl_zero();
#if defined(SWL_AVX512_BF16)
    return (v16u)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
#else
    const v16h parts[2] = {__builtin_convertvector(swl_round_bfloat(low), v16h),
                           __builtin_convertvector(swl_round_bfloat(high), v16h)};
    v16u pairs;
    memcpy(&pairs, parts, sizeof pairs);
    return pairs;
#endif
}

#if defined(SWL_AVX512_BF16)
/// Pairs of 8 rows to [16 turns][8], `stride` pairs apart.
SWL_INLINE void swl_put_pairs(const v16u row[8], uint32_t *to, size_t stride) {
#pragma clang loop unroll(full)
    for (size_t half = 0; half < 2; half++) {
        const __m512i *r = (const __m512i *)row + half * 4;
        const __m512i low01 = _mm512_unpacklo_epi32(r[0], r[1]), high01 = _mm512_unpackhi_epi32(r[0], r[1]);
        const __m512i low23 = _mm512_unpacklo_epi32(r[2], r[3]), high23 = _mm512_unpackhi_epi32(r[2], r[3]);
        const __m512i four[4] = {_mm512_unpacklo_epi64(low01, low23), _mm512_unpackhi_epi64(low01, low23),
                                 _mm512_unpacklo_epi64(high01, high23), _mm512_unpackhi_epi64(high01, high23)};
#pragma clang loop unroll(full)
        for (size_t lane = 0; lane < 16; lane++) {
            v4u parts[4];
            memcpy(parts, &four[lane % 4], sizeof parts);
            memcpy(to + SWL_TURN(lane) * stride + half * 4, &parts[lane / 4], sizeof parts[0]);
        }
    }
}

SWL_INLINE void swl_round_tile(const float *x, size_t stride, size_t rows, size_t columns, const float *factors,
                               uint32_t *to) {
    for (size_t column = 0; column < columns; column += 32) {
        const size_t first = column / SWL_PAIRS_SEGMENT * SWL_PAIRS_SEGMENT;
        const size_t width = columns - first < SWL_PAIRS_SEGMENT ? columns - first : SWL_PAIRS_SEGMENT;
        const size_t steps = (width + 31) / 32, step = (column - first) / 32;
        v16u pairs[SWL_TILE];
        for (size_t t = 0; t < SWL_TILE; t++)
            pairs[t] = t < rows ? swl_round_pairs(x + t * stride + column, columns - column, factors[t]) : (v16u)(0u);
        swl_put_pairs(pairs, to + first / 2 * SWL_TILE + step * SWL_TILE, steps * SWL_TILE);
    }
}
#endif

static void swl_round(const float *x, size_t stride, size_t tokens, size_t columns, size_t tile, void *to) {
    const size_t first = tile * SWL_TILE, rows = tokens - first < SWL_TILE ? tokens - first : SWL_TILE;
    const size_t width = swl_rounded_columns(columns);
    float factors[SWL_TILE];
    for (size_t t = 0; t < rows; t++) {
        factors[t] = swl_row_factor(x + (first + t) * stride, columns);
        ((float *)swl_inverses(to, tokens, columns))[first + t] = 1.0f / factors[t];
    }
#if defined(SWL_AVX512_BF16)
    if (swl_are_tiled(tokens)) {
        swl_round_tile(x + first * stride, stride, rows, columns, factors, (uint32_t *)to + first * (width / 2));
        return;
    }
#endif
    for (size_t t = 0; t < rows; t++)
        for (size_t column = 0; column < columns; column += 32) {
            const v16u pairs = swl_round_pairs(x + (first + t) * stride + column, columns - column, factors[t]);
            swl_put_rounded((uint8_t *)to + ((first + t) * width + column) * SWL_ROUNDED_BYTES, pairs);
        }
}
