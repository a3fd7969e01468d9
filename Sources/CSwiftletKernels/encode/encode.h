// The table of encoders, and how blocks get into lanes.
#pragma once

#include "ternary.h"

typedef void swl_lane_encoder(const v16f *x, const v16f *importance, const swl_grid *grid, v16u *words);

typedef struct swl_encoding {
    swl_lane_encoder *lanes;
    int elements, bytes; // of a block
} swl_encoding;

static swl_encoding swl_encoding_of(uint32_t type) {
    switch (type) {
    case 10: return (swl_encoding){swl_encode_q2_k, 256, 84};
    case 11: return (swl_encoding){swl_encode_q3_k, 256, 110};
    case 12: return (swl_encoding){swl_encode_q4_k, 256, 144};
    case 13: return (swl_encoding){swl_encode_q5_k, 256, 176};
    case 14: return (swl_encoding){swl_encode_q6_k, 256, 210};
    case 16: return (swl_encoding){swl_encode_iq2_xxs, 256, 66};
    case 17: return (swl_encoding){swl_encode_iq2_xs, 256, 74};
    case 18: return (swl_encoding){swl_encode_iq3_xxs, 256, 98};
    case 19: return (swl_encoding){swl_encode_iq1_s, 256, 50};
    case 20: return (swl_encoding){swl_encode_iq4_nl, 32, 18};
    case 21: return (swl_encoding){swl_encode_iq3_s, 256, 110};
    case 22: return (swl_encoding){swl_encode_iq2_s, 256, 82};
    case 23: return (swl_encoding){swl_encode_iq4_xs, 256, 136};
    case 29: return (swl_encoding){swl_encode_iq1_m, 256, 56};
    default: return (swl_encoding){NULL, 0, 0};
    }
}

static int swl_encode_blocks(const swl_encode *call) {
    const swl_encoding encoding = swl_encoding_of(call->type);
    if (!encoding.lanes) return 0;
    v16f x[256], importance[256];
    v16u words[56];
    for (size_t first = 0; first < call->blocks; first += 16) {
        const size_t count = call->blocks - first < 16 ? call->blocks - first : 16;
        const uint8_t *rows[16], *weights[16];
        for (size_t r = 0; r < 16; r++) {
            // Lanes left over do the last block again.
            const size_t block = first + (r < count ? r : count - 1);
            const size_t elements = (size_t)encoding.elements;
            rows[r] = (const uint8_t *)(call->x + block * elements);
            if (call->importance)
                weights[r] = (const uint8_t *)(call->importance + block % call->row_blocks * elements);
        }
        swl_load_lanes(rows, encoding.elements, x);
        if (call->importance) swl_load_lanes(weights, encoding.elements, importance);
        encoding.lanes(x, call->importance ? importance : NULL, &call->grid, words);
        swl_store_blocks(words, (size_t)encoding.bytes, count, (uint8_t *)call->to + first * (size_t)encoding.bytes);
    }
    return 1;
}
