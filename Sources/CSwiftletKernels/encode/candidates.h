// The nearest of a code's candidates, sought one lane after the other with sixteen candidates at once.
#pragma once

#include "blocks.h"

/// What a grid's coordinates are: `count` of `bits` bits, and the value that each level stands for, over and over.
typedef struct swl_coordinates {
    int count, bits;
    float values[16];
} swl_coordinates;

static const swl_coordinates swl_grid_of_8 = {8, 2, {1, 3, 5, 7, 1, 3, 5, 7, 1, 3, 5, 7, 1, 3, 5, 7}};
static const swl_coordinates swl_grid_of_4 = {4, 3, {1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15}};

/// The code in `list` (their number, then codes) with the smallest sum of weight * (scale * value - x)^2, the first of
/// equals.
///
/// A coordinate's part of the sum depends on its level only: a table for each coordinate, and a sum in the reference's
/// order of one entry of each. `x` and `weights` are one lane's: 16 apart.
SWL_INLINE uint32_t swl_nearest_candidate(const uint16_t *list, const float *x, const float *weights, float scale,
                                          const swl_coordinates *grid, const int count, const int bits) {
    const int candidates = list[0];
    list++;
    int best_place = 0;
    float best = 3.40282347e+38f;
#if defined(SWL_AVX512)
    v16f tables[8];
    const v16f values = swl_load(grid->values);
    for (int i = 0; i < count; i++) {
        const v16f difference = scale * values - x[i * 16];
        tables[i] = weights[i * 16] * difference * difference;
    }
    v16f bests = swl_splat(best);
    const v16i lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    v16i places = (v16i)(0);
    for (int first = 0; first < candidates; first += 16) {
        // The lists end with slack; what is read behind one is left out.
        const __m512i codes = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(list + first)));
        v16f sum = (v16f)_mm512_permutexvar_ps(codes, (__m512)tables[0]);
        for (int i = 1; i < count; i++)
            sum += (v16f)_mm512_permutexvar_ps(_mm512_srli_epi32(codes, (unsigned)(i * bits)), (__m512)tables[i]);
        const v16i is_better = (sum < bests) & (lanes < candidates - first);
        bests = swl_select(is_better, sum, bests);
        places = swl_choose(is_better, lanes + first, places);
    }
    best = _mm512_reduce_min_ps((__m512)bests);
    const __mmask16 equal = _mm512_cmp_ps_mask((__m512)bests, _mm512_set1_ps(best), _CMP_EQ_OQ);
    best_place = _mm512_mask_reduce_min_epi32(equal, (__m512i)places);
    (void)bits;
#else
    const int levels = 1 << bits;
    float tables[8][8];
    for (int i = 0; i < count; i++)
        for (int level = 0; level < levels; level++) {
            const float difference = scale * grid->values[level] - x[i * 16];
            tables[i][level] = weights[i * 16] * difference * difference;
        }
#if defined(SWL_AVX2)
    __m256 rows[8], bests = _mm256_set1_ps(best);
    for (int i = 0; i < count; i++)
        rows[i] = bits == 2 ? _mm256_broadcast_ps((const __m128 *)tables[i]) : _mm256_loadu_ps(tables[i]);
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i places = _mm256_setzero_si256();
    for (int first = 0; first < candidates; first += 8) {
        __m256i codes = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(list + first))), at = codes;
        __m256 sum = bits == 2 ? _mm256_permutevar_ps(rows[0], at) : _mm256_permutevar8x32_ps(rows[0], at);
        for (int i = 1; i < count; i++) {
            at = _mm256_srli_epi32(codes, i * bits);
            const __m256 row = bits == 2 ? _mm256_permutevar_ps(rows[i], at) : _mm256_permutevar8x32_ps(rows[i], at);
            sum = _mm256_add_ps(sum, row);
        }
        const __m256i is_there = _mm256_cmpgt_epi32(_mm256_set1_epi32(candidates - first), lanes);
        const __m256 is_better = _mm256_and_ps(_mm256_cmp_ps(sum, bests, _CMP_LT_OQ), _mm256_castsi256_ps(is_there));
        bests = _mm256_blendv_ps(bests, sum, is_better);
        const __m256i here = _mm256_add_epi32(lanes, _mm256_set1_epi32(first));
        places = _mm256_blendv_epi8(places, here, _mm256_castps_si256(is_better));
    }
    float sums[8];
    int32_t at[8];
    _mm256_storeu_ps(sums, bests);
    _mm256_storeu_si256((__m256i *)at, places);
    for (int lane = 0; lane < 8; lane++)
        if (sums[lane] < best || (sums[lane] == best && at[lane] < best_place)) {
            best = sums[lane];
            best_place = at[lane];
        }
#else
    for (int place = 0; place < candidates; place++) {
        const uint32_t code = list[place];
        float sum = tables[0][code & (uint32_t)(levels - 1)];
        for (int i = 1; i < count; i++) sum += tables[i][code >> (i * bits) & (uint32_t)(levels - 1)];
        if (sum < best) {
            best = sum;
            best_place = place;
        }
    }
#endif
#endif
    return list[best_place];
}

static uint32_t swl_nearest_of_8(const uint16_t *list, const float *x, const float *weights, float scale,
                                 const swl_coordinates *grid) {
    return swl_nearest_candidate(list, x, weights, scale, grid, 8, 2);
}

static uint32_t swl_nearest_of_4(const uint16_t *list, const float *x, const float *weights, float scale,
                                 const swl_coordinates *grid) {
    return swl_nearest_candidate(list, x, weights, scale, grid, 4, 3);
}

/// Moves the codes of one point in each lane to the grid; tells the lanes where they were not on it.
SWL_INLINE v16i swl_snap(const swl_grid *grid, const swl_coordinates *coordinates, const v16f *x, const v16f *weights,
                         v16f scale, v16i lanes, v16i *codes) {
    int32_t code[16], is_off[16], is_wanted[16];
    float scales[16];
    memcpy(code, codes, sizeof code);
    memcpy(scales, &scale, sizeof scales);
    memcpy(is_wanted, &lanes, sizeof is_wanted);
    for (int r = 0; r < 16; r++) {
        const int32_t place = grid->places[code[r]];
        is_off[r] = 0;
        if (place >= 0 || !is_wanted[r]) continue;
        is_off[r] = -1;
        const uint16_t *list = grid->lists + ~place;
        const float *from = (const float *)x + r, *by = (const float *)weights + r;
        code[r] = (int32_t)(coordinates->count == 8 ? swl_nearest_of_8(list, from, by, scales[r], coordinates)
                                                    : swl_nearest_of_4(list, from, by, scales[r], coordinates));
    }
    memcpy(codes, code, sizeof code);
    v16i off;
    memcpy(&off, is_off, sizeof off);
    return off;
}
