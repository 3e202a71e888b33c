@main
struct Bookme {
    static func main() {}
}
