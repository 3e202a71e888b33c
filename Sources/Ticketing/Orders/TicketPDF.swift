import CPango

/// The tickets of an order as a document, one to a page. cairo draws it; pango sets the text, so that names
/// are right in scripts that join their letters or run from right to left, with whichever fonts have them.
enum TicketPDF {
    /// What one page says.
    struct Page: Sendable {
        let title: String
        let when: String
        let venue: String
        let place: String
        let price: String
        let holder: String
        let serial: String
        let order: String
        /// What the square code says.
        let code: String
    }

    private static let width = 420.0
    private static let height = 595.0
    private static let margin = 36.0

    /// What a page is drawn with.
    @unsafe private struct Pen {
        let cairo: OpaquePointer
        let layout: OpaquePointer
    }

    /// Collects what cairo writes.
    private final class Output {
        var bytes: [UInt8] = []
    }

    /// The document's bytes; nil if cairo cannot make it.
    static func document(_ pages: [Page]) -> [UInt8]? {
        let output = Output()
        let context = unsafe Unmanaged.passUnretained(output).toOpaque()
        let surface = unsafe cairo_pdf_surface_create_for_stream(
            { context, data, count in
                guard let context = unsafe context, let data = unsafe data else {
                    return CAIRO_STATUS_WRITE_ERROR
                }
                let output = unsafe Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
                unsafe output.bytes.append(
                    contentsOf: UnsafeBufferPointer(start: data, count: Int(count))
                )
                return CAIRO_STATUS_SUCCESS
            },
            context,
            width,
            height
        )
        let cairo = unsafe cairo_create(surface)
        defer {
            // The surface writes for as long as it lives.
            withExtendedLifetime(output) {
                unsafe cairo_destroy(cairo)
                unsafe cairo_surface_destroy(surface)
            }
        }
        guard let cairo = unsafe cairo, let layout = unsafe pango_cairo_create_layout(cairo) else {
            return nil
        }
        defer { unsafe g_object_unref(UnsafeMutableRawPointer(layout)) }
        unsafe pango_layout_set_single_paragraph_mode(layout, 1)
        let pen = unsafe Pen(cairo: cairo, layout: layout)
        unsafe cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "bookme")
        for page in pages {
            guard unsafe draw(page, with: pen) else { return nil }
            unsafe cairo_show_page(cairo)
        }
        unsafe cairo_surface_finish(surface)
        guard unsafe cairo_status(cairo) == CAIRO_STATUS_SUCCESS,
            unsafe cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS
        else { return nil }
        return output.bytes
    }

    /// False if the page would lack its code.
    private static func draw(_ page: Page, with pen: Pen) -> Bool {
        let cairo = unsafe pen.cairo
        unsafe cairo_set_source_rgb(cairo, 0.56, 0.18, 0.34)
        unsafe cairo_rectangle(cairo, 0, 0, width, 10)
        unsafe cairo_fill(cairo)
        var y = 64.0
        unsafe write(page.title, at: y, size: 20, isBold: true, with: pen)
        y += 24
        unsafe write(page.when, at: y, size: 11, with: pen)
        y += 16
        unsafe write(page.venue, at: y, size: 11, with: pen)
        y += 36
        unsafe write(page.place, at: y, size: 17, isBold: true, with: pen)
        y += 22
        unsafe write(page.holder, at: y, size: 11, with: pen)
        y += 16
        unsafe write(page.price, at: y, size: 11, with: pen)
        guard unsafe draw(page.code, top: y + 24, on: cairo) else { return false }
        unsafe write(
            "Order \(page.order) · \(page.serial)",
            at: height - 44,
            size: 9,
            with: pen
        )
        unsafe write(
            "One person, one entry. The code is checked at the door.",
            at: height - 30,
            size: 9,
            with: pen
        )
        return true
    }

    /// The text without what no page shows and cairo refuses, for which there would be no document at all: controls,
    /// marks that turn the direction of what follows, and code points that are no characters.
    static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let category = scalar.properties.generalCategory
            switch category {
            case .control, .lineSeparator, .paragraphSeparator: result.append(" ")
            case .unassigned, .privateUse, .surrogate: result.append("\u{FFFD}")
            case .format where scalar != "\u{200C}" && scalar != "\u{200D}": continue
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// One line whose letters stand on `y`.
    private static func write(
        _ text: String,
        at y: Double,
        size: Double,
        isBold: Bool = false,
        with pen: Pen
    ) {
        let units = Double(PANGO_SCALE)
        let font = unsafe pango_font_description_new()
        defer { unsafe pango_font_description_free(font) }
        unsafe pango_font_description_set_family(font, "sans-serif")
        unsafe pango_font_description_set_weight(
            font,
            isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL
        )
        unsafe pango_font_description_set_absolute_size(font, size * units)
        unsafe pango_layout_set_text(pen.layout, printable(text), -1)
        unsafe pango_layout_set_font_description(pen.layout, font)
        var width: CInt = 0
        unsafe pango_layout_get_size(pen.layout, &width, nil)
        // A long title becomes smaller and stays on the page.
        let room = (Self.width - 2 * margin) * units
        if Double(width) > room {
            unsafe pango_font_description_set_absolute_size(
                font,
                size * units * room / Double(width)
            )
            unsafe pango_layout_set_font_description(pen.layout, font)
        }
        let baseline = unsafe Double(pango_layout_get_baseline(pen.layout)) / units
        unsafe cairo_set_source_rgb(pen.cairo, 0.1, 0.1, 0.12)
        unsafe cairo_move_to(pen.cairo, margin, y - baseline)
        unsafe pango_cairo_show_layout(pen.cairo, pen.layout)
    }

    /// The square code in the middle of the page, as a picture of one bit to a dot: hundreds of rectangles
    /// cost more than the rest of a page does. Readers are asked not to smooth the picture when they enlarge
    /// it; a module is two dots wide, so that those which do it all the same smooth little more than its
    /// edge. False if there is no such code, or no memory for its picture.
    private static func draw(_ code: String, top: Double, on cairo: OpaquePointer) -> Bool {
        guard let qr = QRCode(code) else { return false }
        let quiet = 4
        let module = (250 / Double(qr.size + 2 * quiet)).rounded(.down)
        let picture = unsafe cairo_image_surface_create(
            CAIRO_FORMAT_A1,
            CInt(qr.size * dotsPerModule),
            CInt(qr.size * dotsPerModule)
        )
        defer { unsafe cairo_surface_destroy(picture) }
        guard let picture = unsafe picture, unsafe fill(picture, with: qr) else { return false }
        unsafe cairo_save(cairo)
        unsafe cairo_translate(
            cairo,
            ((width - module * Double(qr.size)) / 2).rounded(),
            top.rounded() + Double(quiet) * module
        )
        unsafe cairo_scale(cairo, module / Double(dotsPerModule), module / Double(dotsPerModule))
        unsafe cairo_set_source_rgb(cairo, 0, 0, 0)
        let pattern = unsafe cairo_pattern_create_for_surface(picture)
        unsafe cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST)
        unsafe cairo_mask(cairo, pattern)
        unsafe cairo_pattern_destroy(pattern)
        unsafe cairo_restore(cairo)
        return true
    }

    private static let dotsPerModule = 2

    /// Sets the dots of the dark modules; false if there is no picture to set them in.
    private static func fill(_ picture: OpaquePointer, with qr: QRCode) -> Bool {
        unsafe cairo_surface_flush(picture)
        guard let data = unsafe cairo_image_surface_get_data(picture) else { return false }
        let stride = unsafe Int(cairo_image_surface_get_stride(picture))
        let side = qr.size * dotsPerModule
        let dots = unsafe UnsafeMutableBufferPointer(start: data, count: stride * side)
        for y in 0..<side {
            for x in 0..<side where qr.isDark(x / dotsPerModule, y / dotsPerModule) {
                // A word's first dot is its lowest bit on machines that begin with the lowest byte, which
                // all of ours do.
                unsafe dots[y * stride + x / 8] |= 1 << UInt8(x % 8)
            }
        }
        unsafe cairo_surface_mark_dirty(picture)
        return true
    }
}
