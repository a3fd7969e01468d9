// The table of encoders, and how blocks get into lanes.
#pragma once

#include "legacy.h"
#include "levels.h"
#include "simple.h"
#include "ternary.h"

typedef void swl_lane_encoder(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words);

typedef struct swl_encoding {
    swl_lane_encoder *lanes;
    int elements, bytes; // of a block
    enum { swl_unweighted, swl_weighs_block, swl_weighs_row } weighing; // what importance is used for
} swl_encoding;

static swl_encoding swl_encoding_of(uint32_t type) {
    switch (type) {
    case 2: return (swl_encoding){swl_encode_q4_0, 32, 18, swl_weighs_row};
    case 3: return (swl_encoding){swl_encode_q4_1, 32, 20, swl_weighs_row};
    case 6: return (swl_encoding){swl_encode_q5_0, 32, 22, swl_weighs_row};
    case 7: return (swl_encoding){swl_encode_q5_1, 32, 24, swl_weighs_row};
    case 8: return (swl_encoding){swl_encode_q8_0, 32, 34, swl_unweighted};
    case 10: return (swl_encoding){swl_encode_q2_k, 256, 84, swl_weighs_block};
    case 11: return (swl_encoding){swl_encode_q3_k, 256, 110, swl_weighs_block};
    case 12: return (swl_encoding){swl_encode_q4_k, 256, 144, swl_weighs_block};
    case 13: return (swl_encoding){swl_encode_q5_k, 256, 176, swl_weighs_block};
    case 14: return (swl_encoding){swl_encode_q6_k, 256, 210, swl_weighs_block};
    case 16: return (swl_encoding){swl_encode_iq2_xxs, 256, 66, swl_weighs_block};
    case 17: return (swl_encoding){swl_encode_iq2_xs, 256, 74, swl_weighs_block};
    case 18: return (swl_encoding){swl_encode_iq3_xxs, 256, 98, swl_weighs_block};
    case 19: return (swl_encoding){swl_encode_iq1_s, 256, 50, swl_weighs_block};
    case 20: return (swl_encoding){swl_encode_iq4_nl, 32, 18, swl_weighs_block};
    case 21: return (swl_encoding){swl_encode_iq3_s, 256, 110, swl_weighs_block};
    case 22: return (swl_encoding){swl_encode_iq2_s, 256, 82, swl_weighs_block};
    case 23: return (swl_encoding){swl_encode_iq4_xs, 256, 136, swl_weighs_block};
    case 29: return (swl_encoding){swl_encode_iq1_m, 256, 56, swl_weighs_block};
    case 34: return (swl_encoding){swl_encode_tq1_0, 256, 54, swl_unweighted};
    case 35: return (swl_encoding){swl_encode_tq2_0, 256, 66, swl_unweighted};
    case 39: return (swl_encoding){swl_encode_mxfp4, 32, 17, swl_unweighted};
    case 40: return (swl_encoding){swl_encode_nvfp4, 64, 36, swl_unweighted};
    case 41: return (swl_encoding){swl_encode_q1_0, 128, 18, swl_unweighted};
    case 42: return (swl_encoding){swl_encode_q2_0, 64, 18, swl_unweighted};
    default: return (swl_encoding){NULL, 0, 0, swl_unweighted};
    }
}

/// The mean square of up to 16 rows from `first` on, each added up in order.
SWL_INLINE void swl_row_mean_squares(const float *x, size_t first, size_t rows, size_t columns, float to[16]) {
    const uint8_t *starts[16];
    for (size_t r = 0; r < 16; r++)
        starts[r] = (const uint8_t *)(x + (first + (first + r < rows ? r : 0)) * columns);
    v16f sum = swl_zero(), part[32];
    for (size_t column = 0; column < columns; column += 32) {
        swl_load_lanes(starts, 32, part);
        for (int i = 0; i < 32; i++) sum += part[i] * part[i];
        for (size_t r = 0; r < 16; r++) starts[r] += 32 * sizeof(float);
    }
    swl_store(to, sum / (float)columns);
}

static int swl_encode_blocks(const swl_encode *call) {
    if (call->type == 1) {
        swl_encode_f16(call->x, call->blocks, call->to);
        return 1;
    }
    const swl_encoding encoding = swl_encoding_of(call->type);
    if (!encoding.lanes) return 0;
    const size_t elements = (size_t)encoding.elements, row_blocks = call->row_blocks;
    const int is_weighted = call->importance && encoding.weighing != swl_unweighted;
    v16f x[256], importance[256];
    v16u words[56];
    float mean_squares[16] = {0};
    for (size_t first = 0; first < call->blocks; first += 16) {
        const size_t count = call->blocks - first < 16 ? call->blocks - first : 16;
        // Sixteen rows have whole batches of blocks: a batch lies in one group of rows.
        if (is_weighted && encoding.weighing == swl_weighs_row && first % (row_blocks * 16) == 0)
            swl_row_mean_squares(call->x, first / row_blocks, call->blocks / row_blocks, row_blocks * elements,
                                 mean_squares);
        const uint8_t *rows[16], *weights[16];
        swl_lane_context context = {&call->grid, swl_zero()};
        for (size_t r = 0; r < 16; r++) {
            // Lanes left over do the last block again.
            const size_t block = first + (r < count ? r : count - 1);
            rows[r] = (const uint8_t *)(call->x + block * elements);
            if (!is_weighted) continue;
            weights[r] = (const uint8_t *)(call->importance + block % row_blocks * elements);
            context.mean_square[r] = mean_squares[block / row_blocks % 16];
        }
        swl_load_lanes(rows, encoding.elements, x);
        if (is_weighted) swl_load_lanes(weights, encoding.elements, importance);
        encoding.lanes(x, is_weighted ? importance : NULL, &context, words);
        swl_store_blocks(words, (size_t)encoding.bytes, count, (uint8_t *)call->to + first * (size_t)encoding.bytes);
    }
    return 1;
}
