// F32, F16, BF16 rows into float panels. `column` is a multiple of 8 and `columns` any number.
#pragma once

#include "panel.h"

static void swl_panel_f32(const uint8_t *const *rows, size_t column, size_t columns, swl_float_panel *to) {
    size_t k = 0;
    for (; k + 4 <= columns; k += 4) {
        v16u w[4];
        swl_rows(rows, (column + k) * 4, w);
        for (size_t i = 0; i < 4; i++) swl_store(to->values[k + i], SWL_BITS_F(w[i]));
    }
    for (; k < columns; k++)
        for (int r = 0; r < 16; r++) memcpy(&to->values[k][r], rows[r] + (column + k) * 4, 4);
}

SWL_INLINE v16f swl_low_half(v16u w, const int brain) {
    return brain ? SWL_BITS_F(w << 16) : swl_from_half(w & 0xffffu);
}

SWL_INLINE v16f swl_high_half(v16u w, const int brain) {
    return brain ? SWL_BITS_F(w & 0xffff0000u) : swl_from_half(w >> 16);
}

SWL_INLINE void swl_panel_16_bits(const uint8_t *const *rows, size_t column, size_t columns, swl_float_panel *to,
                                  const int brain) {
    size_t k = 0;
    for (; k + 8 <= columns; k += 8) {
        v16u w[4];
        swl_rows(rows, (column + k) * 2, w);
        for (size_t i = 0; i < 4; i++) {
            swl_store(to->values[k + i * 2], swl_low_half(w[i], brain));
            swl_store(to->values[k + i * 2 + 1], swl_high_half(w[i], brain));
        }
    }
    for (; k < columns; k++) {
        v16u w;
        for (int r = 0; r < 16; r++) {
            uint16_t bits;
            memcpy(&bits, rows[r] + (column + k) * 2, 2);
            w[r] = bits;
        }
        swl_store(to->values[k], swl_low_half(w, brain));
    }
}

static void swl_panel_f16(const uint8_t *const *rows, size_t column, size_t columns, swl_float_panel *to) {
    swl_panel_16_bits(rows, column, columns, to, 0);
}

static void swl_panel_bf16(const uint8_t *const *rows, size_t column, size_t columns, swl_float_panel *to) {
    swl_panel_16_bits(rows, column, columns, to, 1);
}

static void swl_panel_of_floats(uint32_t type, const uint8_t *const *rows, size_t column, size_t columns,
                                swl_float_panel *to) {
    switch (type) {
    case 1: swl_panel_f16(rows, column, columns, to); break;
    case 30: swl_panel_bf16(rows, column, columns, to); break;
    default: swl_panel_f32(rows, column, columns, to); break;
    }
}
