// The micro-kernel of float panels: lanes of 16 weight rows times up to SWL_STEP activation rows.
#pragma once

#include "../panels/floats.h"

/// Columns of a segment of a dot product through panels.
#define SWL_SEGMENT 256

/// part[t] = fma(panel[k], x[k * rows + t], part[t]) for k in order. `pitch` is floats from one panel row to the next.
SWL_INLINE void swl_float_step(const float *panel, size_t pitch, size_t columns, const float *x, const size_t rows,
                               const size_t steps, float (*parts)[16]) {
    v16f part[SWL_STEP];
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) part[t] = swl_load(parts[t]);
    for (size_t k = 0; k < columns; k++) {
        const v16f w = swl_load(panel + k * pitch);
#pragma clang loop unroll(full)
        for (size_t t = 0; t < steps; t++) part[t] = swl_fma(w, swl_splat(x[k * rows + t]), part[t]);
    }
#pragma clang loop unroll(full)
    for (size_t t = 0; t < steps; t++) swl_store(parts[t], part[t]);
}

/// Up to SWL_TILE activation rows.
static void swl_float_tile(const float *panel, size_t pitch, size_t columns, const float *x, size_t rows,
                           float (*parts)[16]) {
    if (rows == 1) {
        swl_float_step(panel, pitch, columns, x, 1, 1, parts);
        return;
    }
    size_t first = 0;
    if (rows == SWL_TILE) {
        for (; first < SWL_TILE; first += SWL_STEP)
            swl_float_step(panel, pitch, columns, x + first, SWL_TILE, SWL_STEP, parts + first);
        return;
    }
#define SWL_STEPS(n) swl_float_step(panel, pitch, columns, x + first, rows, n, parts + first)
    for (; first + SWL_STEP <= rows; first += SWL_STEP) SWL_STEPS(SWL_STEP);
    switch (rows - first) {
#if SWL_STEP > 4
    case 7: SWL_STEPS(7); break;
    case 6: SWL_STEPS(6); break;
    case 5: SWL_STEPS(5); break;
    case 4: SWL_STEPS(4); break;
#endif
#if SWL_STEP > 2
    case 3: SWL_STEPS(3); break;
    case 2: SWL_STEPS(2); break;
#endif
    case 1: SWL_STEPS(1); break;
    default: break;
    }
#undef SWL_STEPS
}
