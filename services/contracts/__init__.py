"""The words of Hòm Phiếu: what the services agree on. Start reading the system here, in this order:
`base` (the grammar), `roles` (who may do what), `units` (where), then one file per owner: `identity`, `candidates`,
`voters`, `results`, `reporting`.

Glossary: each English term and its word of law. A word that is not here is not used in an identifier.

| term | word of law | what it is |
|---|---|---|
| election | cuộc bầu cử | one election day with its contests; `2026` is real, `dien-tap-N` a rehearsal (diễn tập) |
| contest | loại bầu cử | NA: National Assembly (Quốc hội); PC, CC: provincial and commune People's Council (HĐND) |
| unit | đơn vị hành chính | nation, province (tỉnh, thành phố), commune (xã, phường, đặc khu); a path: `vn/46/19777` |
| constituency | đơn vị bầu cử | elects `seats` deputies (số đại biểu được bầu) of one contest |
| polling area | khu vực bỏ phiếu | where people vote; belongs to one constituency of each contest |
| Commission, Board, Team | Ủy ban, Ban, Tổ bầu cử | the bodies of a unit, a constituency, a polling area |
| dossier | hồ sơ ứng cử | one person standing in one contest |
| consultation | hiệp thương | the three rounds by which the Front selects who stands |
| official list | danh sách chính thức | candidates of a constituency in ballot order, frozen at publication |
| voter list | danh sách cử tri | entries of an area with the right in each contest; posted (niêm yết), closed (khóa) |
| right | quyền bầu cử | whether an entry may vote in a contest |
| turnout | cử tri đi bầu | people who took part, told at slots (mốc báo cáo) |
| incident | sự cố | what interrupts or disturbs a polling day |
| ballot use | kiểm kê sử dụng phiếu | form 32: received, issued, spoiled, unused |
| count record | biên bản kết quả kiểm phiếu | forms 18 and 23 of a Team: one per polling area and contest |
| entry | lần nhập | one of the two blind typings of a count record |
| comparison | đối chiếu | the decision where two entries differ |
| approval | phê duyệt | the signed act that lets a record count |
| result | kết quả đơn vị bầu cử | who is elected (trúng cử) in a constituency, seats missing (thiếu), forms 19 and 24 |
| additional election, re-run | bầu cử thêm, bầu cử lại | LBC 79; LBC 80-81 |
| re-opening | mở lại | an approved record is corrected by a new version |
| finding | lỗi, cảnh báo | one thing to look at: code, severity, places, sentence |
| refusal | từ chối | a rule says no |
| passport | giấy thông hành nội bộ | who a request is from, signed by identity, five minutes |
| snapshot | bản công bố | the signed static files the public reads |
| ledger | sổ cái | every event as a leaf of one Merkle tree, only ever added to |
| checkpoint | điểm kiểm tra | size and root of the ledger, signed; what a paper record may quote |
| witness | nhân chứng | who cosigns a checkpoint after the proof that it only adds to the one before |
"""
