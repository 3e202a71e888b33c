/// Error correction of QR codes: Reed-Solomon over the field of 256 elements with the polynomial 0x11D.
enum ReedSolomon {
    /// Powers of 2 and their logarithms.
    private static let tables: (power: [UInt8], logarithm: [Int]) = {
        var power = [UInt8](repeating: 0, count: 255)
        var logarithm = [Int](repeating: 0, count: 256)
        var value = 1
        for exponent in 0..<255 {
            power[exponent] = UInt8(value)
            logarithm[value] = exponent
            value <<= 1
            if value > 255 { value ^= 0x11D }
        }
        return (power, logarithm)
    }()

    private static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
        guard left != 0, right != 0 else { return 0 }
        return tables.power[(tables.logarithm[Int(left)] + tables.logarithm[Int(right)]) % 255]
    }

    /// The `count` check words that follow `data`.
    static func checkWords(for data: [UInt8], count: Int) -> [UInt8] {
        let generator = generator(degree: count)
        var remainder = [UInt8](repeating: 0, count: count)
        for word in data {
            let factor = word ^ remainder.removeFirst()
            remainder.append(0)
            for index in remainder.indices {
                remainder[index] ^= multiply(generator[index], factor)
            }
        }
        return remainder
    }

    /// The generator's coefficients after the leading one, highest power first.
    private static func generator(degree: Int) -> [UInt8] {
        var coefficients = [UInt8](repeating: 0, count: degree)
        coefficients[degree - 1] = 1
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in coefficients.indices {
                coefficients[index] = multiply(coefficients[index], root)
                if index + 1 < degree { coefficients[index] ^= coefficients[index + 1] }
            }
            root = multiply(root, 2)
        }
        return coefficients
    }
}
