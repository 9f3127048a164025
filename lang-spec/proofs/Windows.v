(* What a formula says of the whole history, one bit and a few registers say: the latest match is the best match.
   A history is a list of letters, the oldest first. *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Open Scope Z_scope.

(* Times do not decrease and places do, strictly; a letter's call is not after it. *)
Record event := { time : Z; place : Z; call_time : Z; call_place : Z }.
Fixpoint in_order (t p : Z) (h : list event) : Prop :=
  match h with [] => True | e :: rest => t <= time e /\ p < place e /\ in_order (time e) (place e) rest end.
Definition lawful (h : list event) : Prop := match h with [] => True | e :: rest => in_order (time e) (place e) rest end.

Lemma in_order_app : forall h t p e, in_order t p (h ++ [e]) ->
  in_order t p h /\ t <= time e /\ p < place e /\ Forall (fun x => time x <= time e /\ place x < place e) h.
Proof.
  induction h as [|x h IH]; simpl; intros t p e H; [intuition|].
  destruct H as (T & P & H). destruct (IH _ _ _ H) as (A & B & C & D). repeat split; auto; lia.
Qed.

Lemma lawful_app : forall h e, lawful (h ++ [e]) -> lawful h /\ Forall (fun x => time x <= time e /\ place x < place e) h.
Proof.
  intros [|x h] e H; simpl in *; [split; auto|]. destruct (in_order_app _ _ _ _ H) as (A & B & C & D). split; auto.
Qed.

(* `(prev F (within D) (unless U) next)`. Whether F and U hold of a letter is known at the letter; F may be a formula itself. *)
Section Prev.
Variables (F U is_call : event -> bool) (next : bool) (within : option Z).

(* A letter kills a match if it is one that the gap excludes; where it is a result, its call, too, has to lie in the gap. *)
Definition kills (z x : event) : bool := (U z && (place x <? call_place z)) || (next && is_call z).
Definition open (x : Z) (now : Z) : bool := match within with Some d => now - x <=? d | None => true end.

(* What the language says: there is an earlier letter at which F held, near enough, and nothing after it kills it. *)
Definition says (h : list event) (now : Z) : Prop :=
  exists h1 x h2, h = h1 ++ x :: h2 /\ F x = true /\ Forall (fun z => kills z x = false) h2 /\ open (time x) now = true.

(* What the table remembers: a bit; while it is set, the time and the place of a letter. *)
Definition state := option (Z * Z).
Definition step (s : state) (z : event) : state :=
  if F z then Some (time z, place z)
  else match s with
       | Some (t, p) => if (U z && (p <? call_place z)) || (next && is_call z) then None else s
       | None => None
       end.
Definition run (h : list event) : state := fold_left step h None.
Definition remembers (s : state) (now : Z) : bool := match s with Some (t, _) => open t now | None => false end.

(* The matches that nothing has killed. *)
Definition survivors (h : list event) : list event :=
  fold_left (fun alive z => filter (fun x => negb (kills z x)) alive ++ (if F z then [z] else [])) h [].

Lemma survivors_app : forall h z, survivors (h ++ [z]) = filter (fun x => negb (kills z x)) (survivors h) ++ (if F z then [z] else []).
Proof. intros. unfold survivors. now rewrite fold_left_app. Qed.

Lemma survivors_spec : forall h x, In x (survivors h) <->
  exists h1 h2, h = h1 ++ x :: h2 /\ F x = true /\ Forall (fun z => kills z x = false) h2.
Proof.
  induction h as [|z h IH] using rev_ind; intros x.
  - split; [intros []|]. intros ([|y h1] & h2 & E & _); discriminate.
  - rewrite survivors_app, in_app_iff, filter_In, IH. split.
    + intros [[(h1 & h2 & -> & A & B) C]|I].
      * exists h1, (h2 ++ [z]). rewrite <- app_assoc. simpl. repeat split; auto. apply Forall_app. split; auto. constructor; auto.
        now apply negb_true_iff.
      * destruct (F z) eqn:E; simpl in I; [destruct I as [<-|[]]|tauto]. exists h, []. auto.
    + intros (h1 & h2 & E & A & B). destruct h2 as [|w h2] using rev_ind.
      * apply app_inj_tail in E. destruct E as [-> ->]. right. rewrite A. now left.
      * clear IHh2. rewrite app_comm_cons, app_assoc in E. apply app_inj_tail in E. destruct E as [-> ->].
        apply Forall_app in B. destruct B as [B C]. left. split; [now exists h1, h2|]. apply negb_true_iff. now inversion C.
Qed.

Lemma survivors_in : forall h x, In x (survivors h) -> In x h.
Proof. intros h x I. apply survivors_spec in I. destruct I as (h1 & h2 & -> & _). apply in_app_iff. simpl. auto. Qed.

(* The state is the latest survivor: no other one is later in time or place. *)
Lemma run_latest : forall h, lawful h ->
  match run h with
  | Some (t, p) => (exists x, In x (survivors h) /\ t = time x /\ p = place x) /\ Forall (fun x => time x <= t /\ place x <= p) (survivors h)
  | None => survivors h = []
  end.
Proof.
  induction h as [|z h IH] using rev_ind; intros L; [reflexivity|].
  destruct (lawful_app _ _ L) as [L' A]. specialize (IH L'). unfold run in *. rewrite fold_left_app. simpl.
  set (s := fold_left step h None) in *. rewrite survivors_app. unfold step. destruct (F z) eqn:Fz.
  - split; [exists z; rewrite in_app_iff; simpl; auto|]. apply Forall_app. split; [|constructor; [lia|constructor]].
    apply Forall_forall. intros x I. apply filter_In in I. destruct I as [I _]. apply survivors_in in I.
    rewrite Forall_forall in A. apply A in I. lia.
  - destruct s as [[t p]|]; rewrite app_nil_r; [|now rewrite IH]. destruct IH as [(x & I & -> & ->) B].
    destruct ((U z && (place x <? call_place z)) || (next && is_call z)) eqn:K.
    + enough (forall y, In y (survivors h) -> kills z y = true) as N.
      { clear - N. induction (survivors h) as [|y l IHl]; auto. simpl. rewrite (N y) by (now left). simpl. apply IHl. intros; apply N; now right. }
      intros y Iy. rewrite Forall_forall in B. apply B in Iy. unfold kills. rewrite orb_true_iff in *.
      destruct K as [K|K]; auto. left. rewrite andb_true_iff, Z.ltb_lt in *. intuition lia.
    + split; [exists x; rewrite filter_In; unfold kills; now rewrite K|].
      apply Forall_forall. intros y Iy. apply filter_In in Iy. rewrite Forall_forall in B. now apply B.
Qed.

Theorem latest_match_is_enough : forall h, lawful h -> forall now, remembers (run h) now = true <-> says h now.
Proof.
  intros h L now. pose proof (run_latest h L) as R. unfold says, remembers.
  assert (S : (exists h1 x h2, h = h1 ++ x :: h2 /\ F x = true /\ Forall (fun z => kills z x = false) h2 /\ open (time x) now = true) <->
              exists x, In x (survivors h) /\ open (time x) now = true).
  { split.
    - intros (h1 & x & h2 & E & Fx & K & O). exists x. split; auto. apply survivors_spec. now exists h1, h2.
    - intros (x & I & O). apply survivors_spec in I. destruct I as (h1 & h2 & E & Fx & K). exists h1, x, h2. auto. }
  rewrite S. destruct (run h) as [[t p]|].
  - destruct R as [(x & I & -> & ->) B]. split; [eauto|]. intros (y & Iy & O). rewrite Forall_forall in B. apply B in Iy.
    unfold open in *. destruct within; auto. rewrite Z.leb_le in *. lia.
  - rewrite R. split; [discriminate|]. intros (x & [] & _).
Qed.

(* Inside `within D ( … )` a match has a beginning, and another register holds the latest one. `begins` is the latest beginning of F at a letter. Where `unless`
   stands after it, a later match has to begin no earlier (LF0249 sees to that). *)
Variable begins : event -> Z.
Definition span_state := option (Z * Z * Z).
Definition span_step (s : span_state) (z : event) : span_state :=
  let survives := match s with Some (_, p, _) => negb ((U z && (p <? call_place z)) || (next && is_call z)) | None => false end in
  if F z then Some (time z, place z, match s with Some (_, _, b) => if survives then Z.max b (begins z) else begins z | None => begins z end)
  else if survives then s else None.
Definition span_run (h : list event) : span_state := fold_left span_step h None.

Lemma span_run_run : forall h, run h = match span_run h with Some (t, p, _) => Some (t, p) | None => None end.
Proof.
  unfold run, span_run. induction h as [|z h IH] using rev_ind; auto. rewrite !fold_left_app. simpl. rewrite IH.
  generalize (fold_left span_step h None) as s. intros [[[t p] b]|]; unfold step, span_step; destruct (F z); try reflexivity.
  destruct ((U z && (p <? call_place z)) || (next && is_call z)); reflexivity.
Qed.

Theorem latest_beginning_is_best : forall h, lawful h ->
  (forall z, In z h -> U z = false) \/ (forall x y, In x h -> In y h -> place x < place y -> begins x <= begins y) ->
  match span_run h with
  | Some (_, _, b) => (exists x, In x (survivors h) /\ b = begins x) /\ Forall (fun x => begins x <= b) (survivors h)
  | None => survivors h = []
  end.
Proof.
  induction h as [|z h IH] using rev_ind; intros L M; [reflexivity|].
  destruct (lawful_app _ _ L) as [L' A].
  assert (M' : (forall z, In z h -> U z = false) \/ (forall x y, In x h -> In y h -> place x < place y -> begins x <= begins y)).
  { destruct M as [M|M]; [left; intros; apply M|right; intros; apply M]; rewrite ?in_app_iff; auto. }
  specialize (IH L' M'). pose proof (run_latest h L') as R. rewrite span_run_run in R.
  pose proof (run_latest (h ++ [z]) L) as R'. rewrite span_run_run in R'.
  unfold span_run in *. rewrite fold_left_app in *. simpl in *. rewrite survivors_app in *.
  revert IH R R'. generalize (fold_left span_step h None) as s. unfold span_step. intros [[[t p] b]|] IH R R'.
  - destruct R as [(w & Iw & -> & ->) R]. destruct IH as [(x & Ix & ->) B].
    destruct ((U z && (place w <? call_place z)) || (next && is_call z)) eqn:K; simpl in *.
    + (* The latest is killed, so all are. *)
      destruct (F z) eqn:Fz; [|exact R'].
      assert (N : filter (fun x => negb (kills z x)) (survivors h) = []).
      { enough (forall y, In y (survivors h) -> kills z y = true) as N.
        { clear - N. induction (survivors h) as [|y l IHl]; auto. simpl. rewrite (N y) by (now left). simpl. apply IHl. intros; apply N; now right. }
        intros y Iy. rewrite Forall_forall in R. apply R in Iy. unfold kills. rewrite orb_true_iff in *.
        destruct K as [K|K]; auto. left. rewrite andb_true_iff, Z.ltb_lt in *. intuition lia. }
      rewrite N. simpl. split; [exists z; auto|]. constructor; auto; lia.
    + (* The latest survives; those that do not begin no later. *)
      assert (W : kills z w = false) by exact K.
      assert (C : forall y, In y (survivors h) -> kills z y = false \/ begins y <= begins w).
      { intros y Iy. destruct (kills z y) eqn:Ky; auto. right. destruct M as [M|M].
        - unfold kills in *. rewrite (M z) in * by (rewrite in_app_iff; simpl; auto). simpl in *. congruence.
        - destruct (Z_lt_le_dec (place y) (place w)) as [P|P].
          + apply M; auto; rewrite in_app_iff; left; now apply survivors_in.
          + unfold kills in *. exfalso. rewrite orb_true_iff, orb_false_iff in *. destruct W as [W W']. destruct Ky as [Ky|Ky]; [|congruence].
            rewrite andb_true_iff in Ky. destruct Ky as [Uz Q]. rewrite Uz in W. simpl in W. rewrite Z.ltb_lt in Q. rewrite Z.ltb_ge in W. lia. }
      assert (X : exists y, In y (filter (fun x => negb (kills z x)) (survivors h)) /\ begins x = begins y).
      { destruct (C x Ix) as [Kx|Kx].
        - exists x. rewrite filter_In, Kx. auto.
        - exists w. rewrite filter_In, W. split; auto. rewrite Forall_forall in B. pose proof (B w Iw). lia. }
      assert (Y : Forall (fun y => begins y <= begins x) (filter (fun x => negb (kills z x)) (survivors h))).
      { apply Forall_forall. intros y Iy. apply filter_In in Iy. rewrite Forall_forall in B. now apply B. }
      destruct X as (y & Iy & E). destruct (F z); simpl.
      * split.
        -- destruct (Z.max_spec (begins x) (begins z)) as [[_ ->]|[_ ->]]; [exists z|exists y]; rewrite in_app_iff; simpl; auto.
        -- apply Forall_app. split; [|constructor; auto; lia]. eapply Forall_impl; [|exact Y]. simpl. intros; lia.
      * rewrite app_nil_r. split; auto. now exists y.
  - subst. rewrite IH. simpl. destruct (F z); simpl; auto. split; [now exists z; auto|]. constructor; auto; lia.
Qed.
End Prev.

(* `(met M (within D) (reset R))`: the call of the matching letter counts, also for the window; a letter that is both resets. *)
Section Met.
Variables (M R : event -> bool) (within : option Z).
Definition met_says (h : list event) (now : Z) : Prop :=
  exists h1 x h2, h = h1 ++ x :: h2 /\ M x = true /\ Forall (fun z => R z = false) (x :: h2) /\
    Forall (fun r => R r = true -> place r < call_place x) h1 /\ open within (call_time x) now = true.

Record met_state := { met : option Z; since : option Z }.
Definition met_step (s : met_state) (z : event) : met_state :=
  if R z then {| met := None; since := Some (place z) |}
  else if M z && (match since s with Some p => p <? call_place z | None => true end)
  then {| met := Some (match met s with Some t => Z.max t (call_time z) | None => call_time z end); since := since s |}
  else s.
Definition met_run (h : list event) : met_state := fold_left met_step h {| met := None; since := None |}.
Definition met_remembers (s : met_state) (now : Z) : bool := match met s with Some t => open within t now | None => false end.

(* The place of the last reset, and the calls that have met it since. *)
Definition counted (h : list event) (x : event) : Prop :=
  exists h1 h2, h = h1 ++ x :: h2 /\ M x = true /\ Forall (fun z => R z = false) (x :: h2) /\ Forall (fun r => R r = true -> place r < call_place x) h1.

Lemma met_latest : forall h, lawful h ->
  match since (met_run h) with
  | Some p => (exists r, In r h /\ R r = true /\ place r = p) /\ Forall (fun r => R r = true -> place r <= p) h
  | None => Forall (fun r => R r = false) h
  end /\
  match met (met_run h) with
  | Some t => (exists x, counted h x /\ t = call_time x) /\ forall x, counted h x -> call_time x <= t
  | None => forall x, ~ counted h x
  end.
Proof.
  induction h as [|z h IH] using rev_ind; intros L.
  - simpl. split; auto. intros x (h1 & h2 & E & _). destruct h1; discriminate.
  - destruct (lawful_app _ _ L) as [L' A]. destruct (IH L') as [S T]. unfold met_run in *. rewrite fold_left_app. simpl.
    set (s := fold_left met_step h _) in *. unfold met_step.
    assert (Split : forall x, counted (h ++ [z]) x <-> R z = false /\
      (counted h x \/ (x = z /\ M z = true /\ Forall (fun r => R r = true -> place r < call_place z) h))).
    { intros x. split.
      - intros (h1 & h2 & E & Mx & N & C). destruct h2 as [|w h2] using rev_ind.
        + apply app_inj_tail in E. destruct E as [-> ->]. inversion N; subst. auto.
        + clear IHh2. rewrite app_comm_cons, app_assoc in E. apply app_inj_tail in E. destruct E as [-> ->].
          rewrite app_comm_cons, Forall_app in N. destruct N as [N N']. inversion N'; subst. split; auto. left. exists h1, h2. auto.
      - intros [Rz [(h1 & h2 & -> & Mx & N & C)|(-> & Mz & C)]].
        + exists h1, (h2 ++ [z]). rewrite <- app_assoc. simpl. repeat split; auto. rewrite app_comm_cons, Forall_app. auto.
        + exists h, []. auto. }
    destruct (R z) eqn:Rz; simpl.
    + split; [split; [exists z; rewrite in_app_iff; simpl; auto|]|].
      * apply Forall_app. split; [|constructor; auto; lia]. eapply Forall_impl; [|exact A]. simpl. intros; lia.
      * intros x C. apply Split in C. destruct C; congruence.
    + assert (S' : match since s with
        | Some p => (exists r, In r (h ++ [z]) /\ R r = true /\ place r = p) /\ Forall (fun r => R r = true -> place r <= p) (h ++ [z])
        | None => Forall (fun r => R r = false) (h ++ [z]) end).
      { destruct (since s) as [p|].
        - destruct S as [(r & I & X & Y) S]. split; [exists r; rewrite in_app_iff; auto|]. apply Forall_app. split; auto.
          constructor; auto. intros; congruence.
        - apply Forall_app. auto. }
      assert (After : (match since s with Some p => p <? call_place z | None => true end) = true <-> Forall (fun r => R r = true -> place r < call_place z) h).
      { destruct (since s) as [p|].
        - destruct S as [(r & I & X & <-) S]. rewrite Z.ltb_lt. split.
          + intros P. eapply Forall_impl; [|exact S]. simpl. intros a Ha Ra. specialize (Ha Ra). lia.
          + intros P. rewrite Forall_forall in P. now apply P.
        - split; auto. intros _. eapply Forall_impl; [|exact S]. simpl. intros; congruence. }
      destruct (M z && _) eqn:K; simpl; split; auto.
      * apply andb_prop in K. destruct K as [Mz K]. apply After in K. destruct (met s) as [t|].
        -- destruct T as [(x & C & ->) T]. split.
           ++ destruct (Z.max_spec (call_time x) (call_time z)) as [[_ ->]|[_ ->]]; [exists z|exists x]; rewrite Split; auto 6.
           ++ intros y C'. apply Split in C'. destruct C' as [_ [C'|(-> & _)]]; [apply T in C'|]; lia.
        -- split; [exists z; rewrite Split; auto 6|]. intros y C'. apply Split in C'. destruct C' as [_ [C'|(-> & _)]]; [apply T in C'|]; tauto || lia.
      * assert (Only : forall x, counted (h ++ [z]) x <-> counted h x).
        { intros x. rewrite Split. split; [intros [_ [C|(-> & Mz & C)]]; auto|auto]. apply After in C. rewrite Mz, C in K. discriminate. }
        destruct (met s) as [t|].
        -- destruct T as [(x & C & E) T]. split; [exists x; rewrite Only; auto|]. intros y C'. apply T. now apply Only.
        -- intros x C. apply Only in C. now apply T in C.
Qed.

Theorem latest_call_is_enough : forall h, lawful h -> forall now, met_remembers (met_run h) now = true <-> met_says h now.
Proof.
  intros h L now. pose proof (proj2 (met_latest h L)) as T.
  assert (S : met_says h now <-> exists x, counted h x /\ open within (call_time x) now = true).
  { split.
    - intros (h1 & x & h2 & E & Mx & N & C & O). exists x. split; auto. now exists h1, h2.
    - intros (x & (h1 & h2 & E & Mx & N & C) & O). exists h1, x, h2. auto. }
  rewrite S. unfold met_remembers. destruct (met (met_run h)) as [t|].
  - destruct T as [(x & C & ->) T]. split; [eauto|]. intros (y & C' & O). apply T in C'. unfold open in *. destruct within; auto.
    rewrite Z.leb_le in *. lia.
  - split; [discriminate|]. intros (x & C & _). now apply T in C.
Qed.
End Met.

(* Where a match of a formula begins: a letter begins now, `and` at the earliest of its parts, `or` with any part that holds, what is remembered where it
   began. `of` are the parts of an `or` that hold. The latest of alternatives, each the earliest of registers, is the latest of all beginnings. *)
Inductive holding := Here | Kept (register : nat) | Both (a b : holding) | Either (a : holding) (rest : list holding).

Section Beginnings.
Variables (now : Z) (began : nat -> Z -> Prop) (register : nat -> Z).
Hypothesis Registers : forall r, began r (register r) /\ forall t, began r t -> t <= register r.

Fixpoint beginning (h : holding) (t : Z) : Prop :=
  match h with
  | Here => t = now
  | Kept r => began r t
  | Both a b => exists x y, beginning a x /\ beginning b y /\ t = Z.min x y
  | Either a rest => beginning a t \/ (fix any l := match l with [] => False | x :: l => beginning x t \/ any l end) rest
  end.
Fixpoint latest (h : holding) : Z :=
  match h with
  | Here => now
  | Kept r => register r
  | Both a b => Z.min (latest a) (latest b)
  | Either a rest => fold_right (fun x m => Z.max (latest x) m) (latest a) rest
  end.

Fixpoint latest_is_latest (h : holding) : beginning h (latest h) /\ forall t, beginning h t -> t <= latest h.
Proof.
  destruct h as [|r|a b|a rest]; simpl.
  - split; auto. intros; lia.
  - apply Registers.
  - destruct (latest_is_latest a) as [A A'], (latest_is_latest b) as [B B']. split; [eauto|].
    intros t (x & y & X & Y & ->). specialize (A' x X). specialize (B' y Y). lia.
  - destruct (latest_is_latest a) as [A A'].
    induction rest as [|x rest IH]; simpl; [intuition|].
    destruct (latest_is_latest x) as [X X']. destruct IH as [IH IH']. split.
    + destruct (Z.max_spec (latest x) (fold_right (fun x m => Z.max (latest x) m) (latest a) rest)) as [[_ ->]|[_ ->]]; tauto.
    + intros t [T|[T|T]]; [|apply X' in T; lia|]; assert (t <= fold_right (fun x m => Z.max (latest x) m) (latest a) rest) by (apply IH'; tauto); lia.
Qed.

Theorem span_by_the_latest : forall h d, (exists t, beginning h t /\ now - t <= d) <-> now - latest h <= d.
Proof.
  intros h d. destruct (latest_is_latest h) as [A B]. split; [|eauto]. intros (t & T & D). apply B in T. lia.
Qed.
End Beginnings.

(* Two spans around one match, the outer beginning never earlier for a later inner one: each may be asked by itself. *)
Theorem nested_spans : forall (match_ : Type) (some : match_ -> Prop) (inner outer : match_ -> Z) best best' now d d',
  (forall x y, some x -> some y -> inner x <= inner y -> outer x <= outer y) ->
  some best -> (forall x, some x -> inner x <= inner best) -> some best' -> (forall x, some x -> outer x <= outer best') ->
  ((exists x, some x /\ now - inner x <= d /\ now - outer x <= d') <-> now - inner best <= d /\ now - outer best' <= d').
Proof.
  intros match_ some inner outer best best' now d d' M S I S' O. split.
  - intros (x & X & A & B). pose proof (I x X). pose proof (O x X). lia.
  - intros [A B]. exists best. repeat split; auto. pose proof (M best' best S' S (I best' S')). lia.
Qed.

(* `(prev a (within 10) (unless c))`, where c is a result: a called at 1, c's call at 0 (before a) and its result at 2 does not kill it; at 12 it is over. *)
Module Example.
Definition a : event := {| time := 1; place := 1; call_time := 1; call_place := 1 |}.
Definition c : event := {| time := 2; place := 2; call_time := 0; call_place := 0 |}.
Definition c' : event := {| time := 3; place := 3; call_time := 2; call_place := 2 |}.
Definition F (e : event) := place e =? 1.
Definition U (e : event) := negb (place e =? 1).
Example survives : remembers (Some 10) (run F U (fun _ => false) false [a; c]) 11 = true. Proof. reflexivity. Qed.
Example over : remembers (Some 10) (run F U (fun _ => false) false [a; c]) 12 = false. Proof. reflexivity. Qed.
Example killed : remembers (Some 10) (run F U (fun _ => false) false [a; c; c']) 11 = false. Proof. reflexivity. Qed.
Example lawful_one : lawful [a; c; c']. Proof. simpl. lia. Qed.
End Example.
